import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { type Owner, temporaryFolder } from '../../test/helpers/folder.ts'
import { environmentFor, type Status, startService } from '../../test/helpers/process.ts'
import { createOwner } from '../support/setup.ts'
import { environment, rules } from './requests.ts'

/** A server under load. */
export interface Target {
  readonly url: string
  /** Only for the service. */
  readonly status?: () => Promise<Status>
}

export async function bareFastify(owner: Owner): Promise<Target> {
  const file = fileURLToPath(new URL('bare-fastify.ts', import.meta.url))
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  owner.after(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const [line] = await once(child.stdout, 'data')
  return { url: String(line).trim() }
}

/** The service also delivers, within the simulator's rate limit. */
async function service(
  owner: Owner,
  program?: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<Target & { readonly pid: number }> {
  const simulator = await startSimulator({ strict: false })
  owner.after(() => simulator.close())
  const folder = await temporaryFolder(owner)
  await mkdir(join(folder, 'data'))
  const base = await environmentFor(folder, simulator, rules)
  const started = await startService(owner, { ...base, ...environment, ...settings }, program)
  return { ...started, pid: started.child.pid ?? 0 }
}

export const ours = (owner: Owner, settings?: Readonly<Record<string, string>>) =>
  service(owner, undefined, settings)

/** The service with a write-only log as inbox: the upper bound for any durable ingest. */
export const onALog = (owner: Owner) =>
  service(owner, [fileURLToPath(new URL('log-service.ts', import.meta.url))])

/** Starts a new process, warms it up, and measures it. */
export async function measure<T>(
  open: (owner: Owner) => Promise<Target>,
  warmUp: (target: Target) => Promise<unknown>,
  run: (target: Target) => Promise<T>,
): Promise<T> {
  const owner = createOwner()
  try {
    const target = await open(owner)
    await warmUp(target)
    return await run(target)
  } finally {
    await owner.release()
  }
}
