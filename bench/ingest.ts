import { spawn } from 'node:child_process'
import { once } from 'node:events'
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

// The door beside a bare Fastify that echoes the same JSON: each a process of its own, in turn, a new one for each measure.
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

interface Door {
  readonly url: string
  /** Only of the service. */
  readonly status?: () => Promise<Status>
}

async function bareFastify(owner: Owner): Promise<Door> {
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

/** As users run it: it delivers too, as far as the rate limit of the simulator allows. */
async function ours(owner: Owner): Promise<Door> {
  const simulator = await startSimulator({ strict: false })
  owner.after(() => simulator.close())
  const base = await environmentFor(await temporaryFolder(owner), simulator, rules)
  return startService(owner, { ...base, ...environment })
}

const signed = (count: number, payload: () => unknown): Buffer[] =>
  Array.from({ length: count }, () => signedRequest(payload()))

const batch = () => Array.from({ length: eventsPerBatch }, customerStart)

/** Measures a new process that has been warmed up: code that has run often runs faster. */
async function measure<T>(
  open: (owner: Owner) => Promise<Door>,
  payload: () => unknown,
  take: (door: Door) => Promise<T>,
): Promise<T> {
  const owner = createOwner()
  try {
    const door = await open(owner)
    await flood(door.url, signed(requests / 2, payload), connections)
    return await take(door)
  } finally {
    await owner.release()
  }
}

/** Only where nothing has to be sent: what has waits for the rate limit. */
const settled = ({ status }: Door) =>
  until('all is settled', async () => (await status?.())?.inbox.pending === 0, 120_000)

const perSecond = (open: (owner: Owner) => Promise<Door>) =>
  measure(open, customerStart, ({ url }) => flood(url, signed(requests, customerStart), connections))

const settledPerSecond = () =>
  measure(ours, knownCustomer, async (door) => {
    const work = signed(requests, knownCustomer)
    await settled(door)
    const startedAt = performance.now()
    await flood(door.url, work, connections)
    await settled(door)
    return (requests * 1_000) / (performance.now() - startedAt)
  })

const inBatchesPerSecond = () =>
  measure(ours, customerStart, async ({ url }) => {
    await flood(url, signed(50, batch), batchConnections)
    return eventsPerBatch * (await flood(url, signed(requests / eventsPerBatch, batch), batchConnections))
  })

/** At an even pace; the 99th percentile in ms. */
const p99 = (open: (owner: Owner) => Promise<Door>, pacePerSecond: number) =>
  measure(open, customerStart, async ({ url }) => {
    const work = signed(Math.min(requests, 10 * Math.ceil(pacePerSecond)), customerStart)
    return percentile(await pace(url, work, connections, pacePerSecond), 0.99)
  })

const ratios = { single: [], batches: [], settled: [], p99: [] } as Record<string, number[]>
for (let round = 1; round <= Number(values.rounds); round += 1) {
  const bare = await perSecond(bareFastify)
  const single = await perSecond(ours)
  const batches = await inBatchesPerSecond()
  const settledRate = await settledPerSecond()
  const half = single / 2
  const [oursP99, bareP99] = [await p99(ours, half), await p99(bareFastify, half)]
  ratios.single?.push(single / bare)
  ratios.batches?.push(batches / bare)
  ratios.settled?.push(settledRate / bare)
  ratios.p99?.push(oursP99 / bareP99)
  process.stdout.write(
    `round ${round}: bare Fastify ${bare.toFixed(0)} requests/s; events/s: single ${single.toFixed(0)}, in batches of ${eventsPerBatch} ${batches.toFixed(0)}, ` +
      `settled ${settledRate.toFixed(0)}; p99 at ${half.toFixed(0)} requests/s: ${oursP99.toFixed(1)} ms, bare ${bareP99.toFixed(1)} ms\n`,
  )
}
process.stdout.write('\n÷ bare Fastify, median of the rounds                           target\n')
for (const [what, name, target] of [
  ['durable, signed, validated, one event a request', 'single', '≥ 0.8'],
  [`the same in batches of ${eventsPerBatch}, events`, 'batches', '≥ 4'],
  ['accepted and settled without a PATCH, events', 'settled', '≥ 0.5'],
  ['p99 of the answer at half of our own load', 'p99', '≤ 2'],
] as const)
  process.stdout.write(
    `${what.padEnd(52)}${median(ratios[name] ?? [])
      .toFixed(2)
      .padStart(8)}   ${target}\n`,
  )
