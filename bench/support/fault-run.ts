import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts'
import { temporaryFolder } from '../../test/helpers/folder.ts'
import {
  createConversations,
  environmentFor,
  type ServiceProcess,
  startService,
} from '../../test/helpers/process.ts'
import { until } from '../../test/helpers/wait.ts'
import { createRelay, type Relay } from './relay.ts'
import { createOwner } from './setup.ts'
import { type ValuesSent, valuesOf } from './values-sent.ts'

export interface FaultRunOptions {
  /** Number of kills. */
  readonly rounds: number
  readonly participants: number
  /** Minimum number of accepted events before each kill. */
  readonly minAccepted?: number
  /** Of each sender, before a request. */
  readonly longestPauseMs?: number
  readonly onRound?: (round: number, accepted: number) => void
}

export interface FaultRunResult extends ValuesSent {
  readonly accepted: number
  readonly applied: number
  readonly unchanged: number
  readonly dead: number
  /** Answered with 202, but neither settled nor dead-lettered. */
  readonly lost: number
  readonly faults: Readonly<Record<string, number>>
}

const clockJump = fileURLToPath(new URL('clock-jump.ts', import.meta.url))

/** Runs load with faults and SIGKILLs at random times, then without faults, and checks all accepted events. */
export async function runFaults({
  rounds,
  participants,
  minAccepted = 0,
  longestPauseMs,
  onRound,
}: FaultRunOptions): Promise<FaultRunResult> {
  const owner = createOwner()
  try {
    const simulator = await startSimulator({ rateLimit: 1_000_000, latencyMs: 5 })
    owner.after(() => simulator.close())
    createConversations(simulator, participants)
    const folder = await temporaryFolder(owner)
    const environment = {
      ...(await environmentFor(folder, simulator)),
      REQUEST_TIMEOUT_MS: '500',
      NODE_OPTIONS: `--import=${clockJump}`,
    }
    let service = await startService(owner, environment)
    const relay = createRelay(participants, () => service.url, longestPauseMs)
    const faults = createFaults(simulator, () => service)
    for (let round = 1; round <= rounds; round += 1) {
      await sleep(Math.random() * 700)
      const min = round * minAccepted
      await until('events are accepted', () => relay.accepted.size >= min)
      await service.end('SIGKILL')
      service = await startService(owner, environment)
      onRound?.(round, relay.accepted.size)
    }
    await faults.stop()
    await relay.stop()
    simulator.clearFaults()
    await waitUntilSettled(service)
    await service.end('SIGTERM')
    return collectResult(relay, simulator, folder, faults.counts)
  } finally {
    await owner.release()
  }
}

/** If events stay pending, throws the service's status: a random run cannot be repeated. */
async function waitUntilSettled(service: ServiceProcess): Promise<void> {
  try {
    await until('all events are settled', async () => (await service.status()).inbox.pending === 0, 120_000)
  } catch (cause) {
    const status = await service.status().then(JSON.stringify, String) // it may have crashed
    const lastLines = service.output().split('\n').slice(-20).join('\n')
    throw new Error(`not all events are settled: ${status}\n${lastLines}`, { cause })
  }
}

function createFaults(simulator: Simulator, service: () => ServiceProcess) {
  const match = { method: 'PATCH', path: '/api/*' }
  const kinds: Record<string, () => void> = {
    outage: () => simulator.addFault({ match: { path: '/api/*' }, times: 20, status: 503 }),
    'storm of 429': () =>
      simulator.addFault({ match, times: 10, status: 429, headers: { 'Retry-After': '1' } }),
    'token expiry': () => simulator.expireTokens(),
    'slow answers': () => simulator.addFault({ match, times: 5, delayMs: 800 }),
    'connection reset': () => simulator.addFault({ match, times: 10, reset: true }),
    'login fails': () => simulator.addFault({ match: { path: '/oauth/token' }, times: 1, status: 500 }),
    'clock jump': () => service().child.kill('SIGUSR2'),
  }
  const counts: Record<string, number> = {}
  let running = true
  const loop = (async () => {
    const names = Object.keys(kinds)
    while (running) {
      await sleep(Math.random() * 1_500)
      const name = names[Math.floor(Math.random() * names.length)] ?? 'outage'
      kinds[name]?.()
      counts[name] = (counts[name] ?? 0) + 1
    }
  })()
  return {
    counts,
    stop: () => {
      running = false
      return loop
    },
  }
}

function collectResult(
  relay: Relay,
  simulator: Simulator,
  folder: string,
  faults: Record<string, number>,
): FaultRunResult {
  const database = new Database(`${folder}/data/inbox.db`, { readonly: true })
  const states = new Map(
    (
      database.prepare('SELECT identity, state FROM events').all() as { identity: string; state: string }[]
    ).map(({ identity, state }) => [identity, state]),
  )
  database.close()
  const count = (state: string) =>
    [...relay.accepted].filter((identity) => states.get(identity) === state).length
  const settled = { applied: count('applied'), unchanged: count('unchanged'), dead: count('dead') }
  return {
    accepted: relay.accepted.size,
    ...settled,
    lost: relay.accepted.size - settled.applied - settled.unchanged - settled.dead,
    ...valuesOf(simulator, relay.latest),
    faults,
  }
}
