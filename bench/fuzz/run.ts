import { setTimeout as sleep } from 'node:timers/promises'
import { adminToken, customerEvent, type Status, token } from '../../test/helpers/process.ts'
import { until } from '../../test/helpers/wait.ts'
import { percentile } from '../support/percentile.ts'
import { createOwner } from '../support/scene.ts'
import { createConnection } from './connection.ts'
import { createFailures, type Failure } from './failures.ts'
import { requestOf } from './generate.ts'
import { addTaken, judge, type Taken } from './judge.ts'
import { type Memory, memoryOf } from './memory.ts'
import { openStage, type Stage } from './stage.ts'
import { watch } from './watch.ts'

export interface FuzzOptions {
  readonly seed: number
  readonly requests: number
  /** Number of the first request. */
  readonly from?: number
  /** No request is begun after it. */
  readonly withinMs: number
  readonly connections?: number
  readonly onProgress?: (sent: number, perSecond: number, rssMb: number | undefined) => void
}

export interface FuzzResult {
  readonly requests: number
  readonly perSecond: number
  readonly byStatus: ReadonlyMap<number | string, number>
  readonly failures: readonly Failure[]
  readonly crash: string | undefined
  /** What /admin/status says that the answers do not, or the other way round. */
  readonly totalsOff: readonly string[]
  readonly taken: Readonly<Taken>
  readonly badLines: readonly string[]
  readonly slowest: { readonly ms: number; readonly kind: string }
  readonly probeP99Ms: number
  readonly memory: Memory
  /** Whether a good event was applied afterwards. */
  readonly goodApplied: boolean
  /** How the service ended after SIGTERM. */
  readonly ended: string
}

/** Of the service, as it is by default. */
const limits = { maxPending: 1_000_000, maxBatch: 500 }

/** Sends hostile requests to a service of its own, then looks whether that is as well as before. */
export async function runFuzz(options: FuzzOptions): Promise<FuzzResult> {
  const owner = createOwner()
  try {
    const stage = await openStage(owner)
    return await fuzz(stage, options)
  } finally {
    await owner.release()
  }
}

async function fuzz(
  stage: Stage,
  { seed, requests, from = 0, withinMs, connections = 16, onProgress }: FuzzOptions,
): Promise<FuzzResult> {
  const failures = createFailures(seed)
  const byStatus = new Map<number | string, number>()
  const taken: Taken = { accepted: 0, duplicates: 0, ignored: 0, rejected: 0 }
  const startedAt = performance.now()
  let begun = 0
  let sent = 0
  let slowest = { ms: 0, kind: '' }
  const watched = watch(stage, requests > 100_000 ? 3_000 : 250, () => sent)

  async function work(): Promise<void> {
    const connection = createConnection(stage.port)
    while (begun < requests && stage.crash() === undefined && performance.now() - startedAt < withinMs) {
      const number = from + begun
      begun += 1
      const request = requestOf(seed, number)
      const outcome = await connection.exchange(request)
      sent += request.methods.length
      if (outcome.ms > slowest.ms) slowest = { ms: outcome.ms, kind: request.kind }
      if (outcome.answers.length === 0) count(byStatus, 'none, closed')
      for (const answer of outcome.answers) {
        count(byStatus, answer.status)
        if (request.kind !== 'admin evaluates') addTaken(taken, answer)
      }
      const wrong = judge(request, outcome, limits)
      if (wrong.length > 0) failures.add(number, request, outcome, wrong)
    }
    connection.close()
  }

  const timer = setInterval(
    () => onProgress?.(sent, sent / ((performance.now() - startedAt) / 1_000), watched.samples.at(-1)?.rssMb),
    10_000,
  )
  await Promise.all(Array.from({ length: connections }, work))
  const perSecond = sent / ((performance.now() - startedAt) / 1_000)
  clearInterval(timer)
  await watched.stop()
  const crash = stage.crash()
  const after = crash === undefined ? await aftermath(stage, taken) : { totalsOff: [], goodApplied: false }
  return {
    requests: sent,
    perSecond,
    byStatus,
    failures: failures.list(),
    crash: crash ?? stage.crash(),
    ...after,
    taken,
    badLines: stage.badLines,
    slowest,
    probeP99Ms: percentile(watched.probesMs, 0.99),
    memory: memoryOf(watched.samples, sent),
    ended: await stage.stop(),
  }
}

const count = (counts: Map<number | string, number>, key: number | string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

/** Whether everything adds up, and whether the service still does what it is for. */
async function aftermath(
  stage: Stage,
  taken: Taken,
): Promise<{ totalsOff: readonly string[]; goodApplied: boolean }> {
  const { totals } = await statusOf(stage)
  const totalsOff = Object.entries(taken)
    .filter(([name, number]) => totals[name] !== number)
    .map(([name, number]) => `${name}: ${number} answered, ${totals[name]} in /admin/status`)
  const response = await fetch(`${stage.url}/webhooks/genesys`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(customerEvent('afterwards', 'good')),
  })
  const applied = async () => (await seenOf(stage, 'afterwards')) === 'good'
  const goodApplied =
    response.status === 202 &&
    (await until('the good event is applied', applied, 180_000).catch(() => false as const))
  return { totalsOff, goodApplied }
}

const statusOf = async ({ url }: Stage): Promise<Status> => {
  const headers = { authorization: `Bearer ${adminToken}` }
  return (await (await fetch(`${url}/admin/status`, { headers })).json()) as Status
}

/** The attribute `seen` of a customer at the simulator. */
async function seenOf({ simulatorUrl }: Stage, index: string): Promise<string | undefined> {
  await sleep(100)
  const response = await fetch(`${simulatorUrl}/simulator/conversations/conversation-${index}`)
  if (!response.ok) return undefined
  const { participants } = (await response.json()) as {
    participants: { id: string; attributes: Record<string, string> }[]
  }
  return participants.find(({ id }) => id === `participant-${index}`)?.attributes.seen
}
