import { Readable } from 'node:stream'
import { run } from '../../src/cli/cli.ts'
import { main } from '../helpers/program.ts'
import { until } from '../helpers/wait.ts'

export interface CommandRequest {
  readonly args: readonly string[]
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  readonly input: string
}

/** What the host sends: the output of the command while it runs, then its result. */
export type HostMessage =
  | { readonly kind: 'written'; readonly text: string }
  | { readonly kind: 'ended'; readonly result: CommandResult }

export interface CommandResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const send = (message: HostMessage) => process.send?.(message)

const activeResources = (): string => JSON.stringify(process.getActiveResourcesInfo().sort())

async function runCommand({ args, folder, env, input }: CommandRequest): Promise<CommandResult> {
  process.chdir(folder)
  for (const name of Object.keys(process.env)) delete process.env[name]
  Object.assign(process.env, env)
  Object.defineProperty(process, 'stdin', { value: Readable.from([Buffer.from(input)]), configurable: true })
  const written = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    process[name].write = (part: string | Uint8Array) => {
      const text = typeof part === 'string' ? part : Buffer.from(part).toString()
      written[name] += text
      send({ kind: 'written', text })
      return true
    }
  const before = activeResources()
  await run([process.execPath, main, ...args])
  await until(
    'the command released everything that keeps a process alive',
    () => activeResources() === before,
  )
  const code = Number(process.exitCode ?? 0)
  process.exitCode = undefined
  return { code, ...written }
}

process.on('message', (request: CommandRequest) => {
  void runCommand(request).then((result) => send({ kind: 'ended', result }))
})
