import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Owner, temporaryFolder } from '../helpers/folder.ts'
import { main, programEnvironment } from '../helpers/program.ts'
import type { CommandRequest, CommandResult } from './command-host.ts'

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
}

/** Creates a folder with these files and runs commands in it: `rules` ones unless another command is named. */
export async function inFolder(t: Owner, files: Readonly<Record<string, string>>, command = 'rules') {
  const folder = await temporaryFolder(t)
  const write = (name: string, content: string) => writeFile(join(folder, name), content)
  for (const [name, content] of Object.entries(files)) await write(name, content)
  const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    spawn(process.execPath, [main, command, ...args], {
      cwd: folder,
      env: { ...programEnvironment, ...env },
    })
  async function inProcess(
    args: readonly string[],
    { env = {}, input = '' }: RunOptions = {},
  ): Promise<CommandResult> {
    const child = start(args, env)
    child.stdin.end(input)
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ])
    return { code, stdout, stderr }
  }
  const run = (args: readonly string[], { env = {}, input = '' }: RunOptions = {}): Promise<CommandResult> =>
    runInHost({ args: [command, ...args], folder, env, input })
  return {
    folder,
    write,
    /** Runs a command in the shared host process, which has loaded the program already. */
    run,
    rules: run,
    /** Runs a command to its end in its own process. Each command has at least one such test. */
    inProcess,
    /** Starts a command in its own process. */
    start,
  }
}

let host: ChildProcess | undefined
let busy = false

/** The host process loads the program once per test file, because loading takes a second. */
export async function runInHost(request: CommandRequest): Promise<CommandResult> {
  if (busy) throw new Error('the host runs one command at a time')
  busy = true
  host ??= fork(fileURLToPath(new URL('command-host.ts', import.meta.url)), {
    env: programEnvironment,
    execArgv: [], // not those of the test runner
  })
  host.send(request)
  const settled = new AbortController()
  try {
    const ended = once(host, 'exit', settled).then(([code]) => {
      throw new Error(`the host exited with ${code} while running ${request.args.join(' ')}`)
    })
    const [outcome] = await Promise.race([once(host, 'message', settled), ended])
    return outcome
  } finally {
    settled.abort()
    busy = false
  }
}

after(() => host?.kill())
