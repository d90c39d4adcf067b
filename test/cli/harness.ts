import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { type Owner, temporaryFolder } from '../helpers/folder.ts'

export const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** Halves what it takes to start a command, of which these tests start many. */
const compileCache = fileURLToPath(new URL('../../node_modules/.cache/compile', import.meta.url))

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A folder with these files, and commands that run in it as users run them. */
export async function inFolder(t: Owner, files: Readonly<Record<string, string>>) {
  const folder = await temporaryFolder(t)
  const write = (name: string, content: string) => writeFile(join(folder, name), content)
  for (const [name, content] of Object.entries(files)) await write(name, content)
  const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    spawn(process.execPath, [main, 'rules', ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: compileCache, ...env },
    })
  async function rules(
    args: readonly string[],
    { env = {}, input = '' }: { env?: Readonly<Record<string, string>>; input?: string } = {},
  ): Promise<Outcome> {
    const child = start(args, env)
    child.stdin.end(input)
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ])
    return { code, stdout, stderr }
  }
  return { folder, write, start, rules }
}
