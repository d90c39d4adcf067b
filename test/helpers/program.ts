import { fileURLToPath } from 'node:url'

/** What users run: `node src/main.ts`. */
export const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/**
 * What each start of the program gets, beside what its test is about. The compile cache, that of `npm test`,
 * nearly halves what a start takes, and tests start it often.
 */
export const programEnvironment: Readonly<Record<string, string>> = {
  PATH: process.env.PATH ?? '',
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../../node_modules/.cache/compile', import.meta.url)),
}
