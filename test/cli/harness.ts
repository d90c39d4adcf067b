import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Owner, temporaryFolder } from '../helpers/folder.ts'
import { main, programEnvironment } from '../helpers/program.ts'
import type { CommandRequest, CommandResult, HostMessage } from './command-host.ts'

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
    /** Starts a command in the host process. Signals reach it, so use it only while the command handles them. */
    startInHost: (args: readonly string[]): CommandInHost => {
      const running = startInHost({ args: [command, ...args], folder, env: {}, input: '' })
      let hasEnded = false
      const end = () => {
        hasEnded = true
      }
      running.ended.then(end, end)
      // Of a test that failed before its end.
      t.after(() => hasEnded || running.kill('SIGKILL'))
      return running
    },
    /** Runs a command to its end in its own process. */
    inProcess,
    /** Starts a command in its own process. */
    start,
  }
}

let host: ChildProcess | undefined
let busy = false

interface CommandInHost {
  /** The output so far, standard output and error. */
  output(): string
  kill(signal: NodeJS.Signals): void
  readonly ended: Promise<CommandResult>
}

/** The host process loads the program once per test process, because loading takes a second. */
function startInHost(request: CommandRequest): CommandInHost {
  if (busy) throw new Error('the host runs one command at a time')
  busy = true
  host ??= fork(fileURLToPath(new URL('command-host.ts', import.meta.url)), {
    env: programEnvironment,
    execArgv: [], // not those of the test runner
  })
  const running = host
  const result = Promise.withResolvers<CommandResult>()
  let output = ''
  const onMessage = (message: HostMessage) => {
    if (message.kind === 'written') output += message.text
    else result.resolve(message.result)
  }
  const onExit = (code: number | null, signal: NodeJS.Signals | null) => {
    host = undefined
    result.reject(new Error(`the host exited with ${code ?? signal} while running ${request.args.join(' ')}`))
  }
  running.on('message', onMessage).on('exit', onExit)
  running.send(request)
  return {
    output: () => output,
    kill: (signal) => running.kill(signal),
    ended: result.promise.finally(() => {
      running.off('message', onMessage).off('exit', onExit)
      busy = false
    }),
  }
}

/** Runs a command to its end in the host process. */
export const runInHost = (request: CommandRequest): Promise<CommandResult> => startInHost(request).ended

after(() => host?.kill())
