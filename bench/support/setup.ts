import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts'
import { type Owner, temporaryFolder } from '../../test/helpers/folder.ts'
import { environmentFor, type ServiceProcess, startService } from '../../test/helpers/process.ts'
import type { Windows } from './windows.ts'

/** Collects release functions and calls them last in, first out. */
export function createOwner(): Owner & { release(): Promise<void> } {
  const releases: (() => unknown)[] = []
  return {
    after: (release) => {
      releases.push(release)
    },
    release: async () => {
      for (const release of releases.reverse()) await release()
    },
  }
}

export interface BenchOptions {
  readonly allowed: number
  readonly windowMs: number
  readonly latencyMs: number
  readonly participants: number
}

/** Starts a simulator with a random window phase, which only the benchmark knows. */
export async function startBenchSimulator(
  owner: Owner,
  { allowed, windowMs, latencyMs, participants }: BenchOptions,
): Promise<{ simulator: Simulator; windows: Windows }> {
  const windowPhaseMs = Math.floor(Math.random() * windowMs)
  let startedAt: number | undefined
  const now = () => {
    const time = Date.now()
    startedAt ??= time
    return time
  }
  const simulator = await startSimulator({
    rateLimit: allowed,
    rateWindowMs: windowMs,
    windowPhaseMs,
    latencyMs,
    now,
  })
  owner.after(() => simulator.close())
  for (let index = 0; index < participants; index += 1) {
    simulator.createConversation({
      id: `conversation-${index}`,
      participants: [{ id: `participant-${index}`, purpose: 'customer' }],
    })
  }
  return { simulator, windows: { originMs: (startedAt ?? Date.now()) - windowPhaseMs, windowMs, allowed } }
}

/** Starts the service as a process, with the simulator as Genesys Cloud. */
export async function startBenchService(
  owner: Owner,
  simulator: Simulator,
  rules?: string,
): Promise<ServiceProcess> {
  return startService(owner, await environmentFor(await temporaryFolder(owner), simulator, rules))
}
