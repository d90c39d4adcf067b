import { setTimeout as sleep } from 'node:timers/promises'
import { adminToken, customerEvent, type Status, token } from '../../test/helpers/process.ts'
import { until } from '../../test/helpers/wait.ts'
import { percentile } from '../support/percentile.ts'
import { createOwner } from '../support/setup.ts'
import { checkOutcome, countEvents, type EventCounts } from './check-outcome.ts'
import { createConnection } from './connection.ts'
import { type FuzzEnvironment, startEnvironment } from './environment.ts'
import { createFailures, type Failure } from './failures.ts'
import { requestOf } from './generate.ts'
import { type Memory, memoryOf } from './memory.ts'
import { monitor } from './monitor.ts'

export interface FuzzOptions {
  readonly seed: number
  readonly requests: number
  /** Skips requests of a kind that was sent so many times. Default: none. */
  readonly perKind?: number
  /** Number of the first request. */
  readonly from?: number
  /** No request starts after this time. */
  readonly withinMs: number
  readonly connections?: number
  /** Called every second. */
  readonly onProgress?: (sent: number) => void
}

export interface FuzzResult {
  readonly requests: number
  readonly perSecond: number
  readonly byStatus: ReadonlyMap<number | string, number>
  readonly failures: readonly Failure[]
  readonly crash: string | undefined
  /** Differences between /admin/status and the responses. */
  readonly totalsOff: readonly string[]
  readonly eventCounts: Readonly<EventCounts>
  readonly badLines: readonly string[]
  readonly slowest: { readonly ms: number; readonly kind: string }
  readonly probeP99Ms: number
  readonly memory: Memory
  /** Whether a valid event was applied after the run. */
  readonly goodApplied: boolean
  /** How the service ended after SIGTERM. */
  readonly ended: string
}

/** The service's defaults. */
const limits = { maxPending: 1_000_000, maxBatch: 500 }

/** Starts a service, sends hostile requests, and checks that it still works. */
export async function runFuzz(options: FuzzOptions): Promise<FuzzResult> {
  const owner = createOwner()
  try {
    const environment = await startEnvironment(owner)
    return await fuzz(environment, options)
  } finally {
    await owner.release()
  }
}

async function fuzz(
  environment: FuzzEnvironment,
  { seed, requests, perKind = Infinity, from = 0, withinMs, connections = 16, onProgress }: FuzzOptions,
): Promise<FuzzResult> {
  const failures = createFailures(seed)
  const byStatus = new Map<number | string, number>()
  const byKind = new Map<string, number>()
  const eventCounts: EventCounts = { accepted: 0, duplicates: 0, ignored: 0, rejected: 0 }
  const startedAt = performance.now()
  let begun = 0
  let sent = 0
  let slowest = { ms: 0, kind: '' }
  const monitored = monitor(environment, requests > 100_000 ? 10_000 : 2_000, () => sent)

  async function work(): Promise<void> {
    const connection = createConnection(environment.port)
    while (
      begun < requests &&
      environment.crash() === undefined &&
      performance.now() - startedAt < withinMs
    ) {
      const number = from + begun
      begun += 1
      const request = requestOf(seed, number)
      if ((byKind.get(request.kind) ?? 0) >= perKind) continue
      count(byKind, request.kind)
      const outcome = await connection.exchange(request)
      sent += request.methods.length
      if (outcome.ms > slowest.ms) slowest = { ms: outcome.ms, kind: request.kind }
      if (outcome.answers.length === 0) count(byStatus, 'none, closed')
      for (const answer of outcome.answers) {
        count(byStatus, answer.status)
        if (request.kind !== 'admin evaluates') countEvents(eventCounts, answer)
      }
      const wrong = checkOutcome(request, outcome, limits)
      if (wrong.length > 0) failures.add(number, request, outcome, wrong)
    }
    connection.close()
  }

  const timer = setInterval(() => onProgress?.(sent), 1_000)
  await Promise.all(Array.from({ length: connections }, work))
  const perSecond = sent / ((performance.now() - startedAt) / 1_000)
  clearInterval(timer)
  await monitored.stop()
  const crash = environment.crash()
  const after =
    crash === undefined
      ? await checkAfterwards(environment, eventCounts)
      : { totalsOff: [], goodApplied: false }
  return {
    requests: sent,
    perSecond,
    byStatus,
    failures: failures.list(),
    crash: crash ?? environment.crash(),
    ...after,
    eventCounts,
    badLines: environment.badLines,
    slowest,
    probeP99Ms: percentile(monitored.probesMs, 0.99),
    memory: memoryOf(monitored.samples),
    ended: await environment.stop(),
  }
}

const count = (counts: Map<number | string, number>, key: number | string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

/** Compares the totals, and checks that the service still applies events. */
async function checkAfterwards(
  environment: FuzzEnvironment,
  eventCounts: EventCounts,
): Promise<{ totalsOff: readonly string[]; goodApplied: boolean }> {
  const { totals } = await statusOf(environment)
  const totalsOff = Object.entries(eventCounts)
    .filter(([name, number]) => totals[name] !== number)
    .map(([name, number]) => `${name}: ${number} in responses, ${totals[name]} in /admin/status`)
  const response = await fetch(`${environment.url}/webhooks/genesys`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(customerEvent('afterwards', 'good')),
  })
  const applied = async () => (await seenOf(environment, 'afterwards')) === 'good'
  const goodApplied =
    response.status === 202 &&
    (await until('the valid event is applied', applied, 180_000).catch(() => false as const))
  return { totalsOff, goodApplied }
}

const statusOf = async ({ url }: FuzzEnvironment): Promise<Status> => {
  const headers = { authorization: `Bearer ${adminToken}` }
  return (await (await fetch(`${url}/admin/status`, { headers })).json()) as Status
}

/** The attribute `seen` of a customer in the simulator. */
async function seenOf({ simulatorUrl }: FuzzEnvironment, index: string): Promise<string | undefined> {
  await sleep(100)
  const response = await fetch(`${simulatorUrl}/simulator/conversations/conversation-${index}`)
  if (!response.ok) return undefined
  const { participants } = (await response.json()) as {
    participants: { id: string; attributes: Record<string, string> }[]
  }
  return participants.find(({ id }) => id === `participant-${index}`)?.attributes.seen
}
