import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Owner, temporaryFolder } from '../helpers/folder.ts'
import { main, programEnvironment } from '../helpers/program.ts'
import type { Order, Outcome } from './host.ts'

interface Given {
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
}

/** A folder with these files, and commands that run in it as users run them. */
export async function inFolder(t: Owner, files: Readonly<Record<string, string>>) {
  const folder = await temporaryFolder(t)
  const write = (name: string, content: string) => writeFile(join(folder, name), content)
  for (const [name, content] of Object.entries(files)) await write(name, content)
  const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    spawn(process.execPath, [main, 'rules', ...args], {
      cwd: folder,
      env: { ...programEnvironment, ...env },
    })
  async function inProcess(args: readonly string[], { env = {}, input = '' }: Given = {}): Promise<Outcome> {
    const child = start(args, env)
    child.stdin.end(input)
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ])
    return { code, stdout, stderr }
  }
  const rules = (args: readonly string[], { env = {}, input = '' }: Given = {}): Promise<Outcome> =>
    obey({ args: ['rules', ...args], folder, env, input })
  return {
    folder,
    write,
    /** Runs a command in a process that has loaded the program already: for the cases of a command. */
    rules,
    /** Runs a command in a process of its own, to its end: each command at least once. */
    inProcess,
    /** Starts a command in a process of its own. */
    start,
  }
}

let host: ChildProcess | undefined
let busy = false

/** Has the command run by the one host of this file, which loads the program once: that takes a second. */
async function obey(order: Order): Promise<Outcome> {
  if (busy) throw new Error('the host runs one command at a time')
  busy = true
  host ??= fork(fileURLToPath(new URL('host.ts', import.meta.url)), { env: programEnvironment })
  host.send(order)
  const settled = new AbortController()
  try {
    const ended = once(host, 'exit', settled).then(([code]) => {
      throw new Error(`the host ended with ${code} while it ran ${order.args.join(' ')}`)
    })
    const [outcome] = await Promise.race([once(host, 'message', settled), ended])
    return outcome
  } finally {
    settled.abort()
    busy = false
  }
}

after(() => host?.kill())
