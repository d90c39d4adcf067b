import { Readable } from 'node:stream'
import { run } from '../../src/cli/cli.ts'
import { main } from '../helpers/program.ts'
import { until } from '../helpers/wait.ts'

/** A command to be run as if it had a process of its own. */
export interface Order {
  readonly args: readonly string[]
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  readonly input: string
}

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** What would keep a process alive. */
const resources = (): string => JSON.stringify(process.getActiveResourcesInfo().sort())

async function outcomeOf({ args, folder, env, input }: Order): Promise<Outcome> {
  process.chdir(folder)
  for (const name of Object.keys(process.env)) delete process.env[name]
  Object.assign(process.env, env)
  Object.defineProperty(process, 'stdin', { value: Readable.from([input]), configurable: true })
  const written = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    process[name].write = (text: string | Uint8Array) => {
      written[name] += typeof text === 'string' ? text : Buffer.from(text).toString()
      return true
    }
  const before = resources()
  await run([process.execPath, main, ...args])
  await until('nothing is left that would keep the process alive', () => resources() === before)
  const code = Number(process.exitCode ?? 0)
  process.exitCode = undefined
  return { code, ...written }
}

process.on('message', (order: Order) => {
  void outcomeOf(order).then((outcome) => process.send?.(outcome))
})
