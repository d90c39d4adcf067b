import { parseArgs } from 'node:util'
import { progressOf } from '../src/cli/progress.ts'
import type { Owner } from '../test/helpers/folder.ts'
import { until } from '../test/helpers/wait.ts'
import { compareEventBridge } from './ingest/eventbridge.ts'
import { flood, pace } from './ingest/load.ts'
import { customerStart, knownCustomer, signedRequest } from './ingest/requests.ts'
import { bareFastify, measure as measureTarget, onALog, ours, type Target } from './ingest/targets.ts'
import { median } from './support/median.ts'
import { percentile } from './support/percentile.ts'

// Compares ingest with a bare Fastify that echoes the same JSON. Each measurement starts a new process.
// --traffic kept: kept connections only; eventbridge: a connection for each event; all: both.
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    requests: { type: 'string', default: '30000' },
    connections: { type: 'string', default: '64' },
    traffic: { type: 'string', default: 'all' },
  },
})
const requests = Number(values.requests)
const connections = Number(values.connections)
/** Of `measure`, in a round. */
const measurementsPerRound = 10
const eventsPerBatch = 100
const batchConnections = 8

const signed = (count: number, payload: () => unknown): Buffer[] =>
  Array.from({ length: count }, () => signedRequest(payload()))

const batch = () => Array.from({ length: eventsPerBatch }, customerStart)

const progress = progressOf('measurements done')
let measured = 0

async function measure<T>(
  open: (owner: Owner) => Promise<Target>,
  payload: () => unknown,
  run: (target: Target) => Promise<T>,
): Promise<T> {
  progress.update(measured, measurementsPerRound * Number(values.rounds))
  const warmUp = ({ url }: Target) => flood(url, signed(requests / 2, payload), connections)
  return measureTarget(open, warmUp, run).finally(() => {
    measured += 1
  })
}

/** For events without a PATCH only: a PATCH waits for the rate limit. */
const settled = ({ status }: Target) =>
  until('all events are settled', async () => (await status?.())?.inbox.pending === 0, 120_000)

const perSecond = (open: (owner: Owner) => Promise<Target>) =>
  measure(open, customerStart, ({ url }) => flood(url, signed(requests, customerStart), connections))

const settledPerSecond = (open: (owner: Owner) => Promise<Target>) =>
  measure(open, knownCustomer, async (target) => {
    const work = signed(requests, knownCustomer)
    await settled(target)
    const startedAt = performance.now()
    await flood(target.url, work, connections)
    await settled(target)
    return (requests * 1_000) / (performance.now() - startedAt)
  })

const inBatchesPerSecond = (open: (owner: Owner) => Promise<Target>) =>
  measure(open, customerStart, async ({ url }) => {
    await flood(url, signed(50, batch), batchConnections)
    return eventsPerBatch * (await flood(url, signed(requests / eventsPerBatch, batch), batchConnections))
  })

/** The 99th percentile in ms at a constant rate, after a warm-up at the same rate: V8 optimises for the group size. */
const p99 = (open: (owner: Owner) => Promise<Target>, pacePerSecond: number) =>
  measure(open, customerStart, async ({ url }) => {
    const count = Math.min(requests, 6 * Math.ceil(pacePerSecond))
    await pace(url, signed(count, customerStart), connections, pacePerSecond)
    const work = signed(count, customerStart)
    return percentile(await pace(url, work, connections, pacePerSecond), 0.99)
  })

interface Rates {
  readonly single: number
  readonly batches: number
  readonly settled: number
  /** In ms, at half of the service's maximum rate. */
  readonly p99: number
}

async function rates(open: (owner: Owner) => Promise<Target>, half?: number): Promise<Rates> {
  const single = await perSecond(open)
  return {
    single,
    batches: await inBatchesPerSecond(open),
    settled: await settledPerSecond(open),
    p99: await p99(open, half ?? single / 2),
  }
}

const formatRates = ({ single, batches, settled, p99 }: Rates) =>
  `single ${single.toFixed(0)}, in batches of ${eventsPerBatch} ${batches.toFixed(0)}, settled ${settled.toFixed(0)}, p99 ${p99.toFixed(1)} ms`

async function compareKeptConnections(): Promise<void> {
  const rounds: { ours: Rates; log: Rates; bare: Rates }[] = []
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    const bare = await perSecond(bareFastify)
    const service = await rates(ours)
    const half = service.single / 2
    const bareP99 = await p99(bareFastify, half)
    const log = await rates(onALog, half)
    progress.clear()
    rounds.push({ ours: service, log, bare: { single: bare, batches: bare, settled: bare, p99: bareP99 } })
    process.stdout.write(
      `round ${round}: bare Fastify ${bare.toFixed(0)} requests/s, p99 at ${half.toFixed(0)} requests/s ${bareP99.toFixed(1)} ms\n` +
        `  this service, events/s: ${formatRates(service)}\n  with the log only: ${formatRates(log)}\n`,
    )
  }
  const ratio = (of: 'ours' | 'log', name: keyof Rates) =>
    median(rounds.map((round) => round[of][name] / round.bare[name])).toFixed(2)
  process.stdout.write(
    '\n÷ bare Fastify, median of the rounds                this service   on a log only   target\n',
  )
  for (const [label, name, goal] of [
    ['durable, signed, validated, one event per request', 'single', '≥ 0.8'],
    [`the same in batches of ${eventsPerBatch}, events`, 'batches', '≥ 4'],
    ['accepted and settled without a PATCH, events', 'settled', '≥ 0.5'],
    ['p99 of the response at half of the maximum rate', 'p99', '≤ 2'],
  ] as const)
    process.stdout.write(
      `${label.padEnd(52)}${ratio('ours', name).padStart(12)}${ratio('log', name).padStart(16)}${goal}\n`,
    )
}

if (values.traffic !== 'eventbridge') await compareKeptConnections()
if (values.traffic !== 'kept') await compareEventBridge(Number(values.rounds), requests / 3)
