import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startSimulator } from '../src/simulator/simulator.ts'
import { type Owner, temporaryFolder } from '../test/helpers/folder.ts'
import { environmentFor, type Status, startService } from '../test/helpers/process.ts'
import { until } from '../test/helpers/wait.ts'
import { flood, pace } from './ingest/load.ts'
import { customerStart, environment, knownCustomer, rules, signedRequest } from './ingest/requests.ts'
import { median } from './support/median.ts'
import { percentile } from './support/percentile.ts'
import { createOwner } from './support/scene.ts'

// The target beside a bare Fastify that echoes the same JSON: each a process of its own, in turn, a new one for each measure.
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    requests: { type: 'string', default: '30000' },
    connections: { type: 'string', default: '64' },
  },
})
const requests = Number(values.requests)
const connections = Number(values.connections)
const eventsPerBatch = 100
const batchConnections = 8

interface Target {
  readonly url: string
  /** Only of the service. */
  readonly status?: () => Promise<Status>
}

async function bareFastify(owner: Owner): Promise<Target> {
  const file = fileURLToPath(new URL('ingest/bare-fastify.ts', import.meta.url))
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  owner.after(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const [line] = await once(child.stdout, 'data')
  return { url: String(line).trim() }
}

/** It delivers too, as far as the rate limit of the simulator allows. */
async function service(owner: Owner, program?: readonly string[]): Promise<Target> {
  const simulator = await startSimulator({ strict: false })
  owner.after(() => simulator.close())
  const folder = await temporaryFolder(owner)
  await mkdir(join(folder, 'data'))
  const base = await environmentFor(folder, simulator, rules)
  return startService(owner, { ...base, ...environment }, program)
}

/** As users run it. */
const ours = (owner: Owner) => service(owner)

/** The same over a log that nothing is found in again: what nobody can be faster than who is durable. */
const onALog = (owner: Owner) =>
  service(owner, [fileURLToPath(new URL('ingest/log-service.ts', import.meta.url))])

const signed = (count: number, payload: () => unknown): Buffer[] =>
  Array.from({ length: count }, () => signedRequest(payload()))

const batch = () => Array.from({ length: eventsPerBatch }, customerStart)

/** Measures a new process that has been warmed up: code that has run often runs faster. */
async function measure<T>(
  open: (owner: Owner) => Promise<Target>,
  payload: () => unknown,
  take: (target: Target) => Promise<T>,
): Promise<T> {
  const owner = createOwner()
  try {
    const target = await open(owner)
    await flood(target.url, signed(requests / 2, payload), connections)
    return await take(target)
  } finally {
    await owner.release()
  }
}

/** Only where nothing has to be sent: what has waits for the rate limit. */
const settled = ({ status }: Target) =>
  until('all is settled', async () => (await status?.())?.inbox.pending === 0, 120_000)

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

/** At an even pace, after as much at the same pace: code for groups of another size is compiled anew. The 99th percentile in ms. */
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
  /** ms, at half of our own load. */
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

const said = ({ single, batches, settled, p99 }: Rates) =>
  `single ${single.toFixed(0)}, in batches of ${eventsPerBatch} ${batches.toFixed(0)}, settled ${settled.toFixed(0)}, p99 ${p99.toFixed(1)} ms`

const rounds: { ours: Rates; log: Rates; bare: Rates }[] = []
for (let round = 1; round <= Number(values.rounds); round += 1) {
  const bare = await perSecond(bareFastify)
  const service = await rates(ours)
  const half = service.single / 2
  const bareP99 = await p99(bareFastify, half)
  const log = await rates(onALog, half)
  rounds.push({ ours: service, log, bare: { single: bare, batches: bare, settled: bare, p99: bareP99 } })
  process.stdout.write(
    `round ${round}: bare Fastify ${bare.toFixed(0)} requests/s, p99 at ${half.toFixed(0)} requests/s ${bareP99.toFixed(1)} ms\n` +
      `  this service, events/s: ${said(service)}\n  on a log only: ${said(log)}\n`,
  )
}
const ratio = (of: 'ours' | 'log', name: keyof Rates) =>
  median(rounds.map((round) => round[of][name] / round.bare[name])).toFixed(2)
process.stdout.write(
  '\n÷ bare Fastify, median of the rounds                this service   on a log only   target\n',
)
for (const [what, name, target] of [
  ['durable, signed, validated, one event a request', 'single', '≥ 0.8'],
  [`the same in batches of ${eventsPerBatch}, events`, 'batches', '≥ 4'],
  ['accepted and settled without a PATCH, events', 'settled', '≥ 0.5'],
  ['p99 of the answer at half of our own load', 'p99', '≤ 2'],
] as const)
  process.stdout.write(
    `${what.padEnd(52)}${ratio('ours', name).padStart(12)}${ratio('log', name).padStart(16)}   ${target}\n`,
  )
