import { readFileSync } from 'node:fs'
import { z } from 'zod'

const { version, engines } = z
  .object({ version: z.string(), engines: z.object({ node: z.string().startsWith('>=') }) })
  .parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')))

/** The version of the package, the same from source and from dist. */
export { version }

/** The lowest version of Node.js that can run the program: `22.18`. */
export const neededNode = engines.node.slice('>='.length)
