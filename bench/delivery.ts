import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { progressOf } from '../src/cli/progress.ts'
import type { Simulator } from '../src/simulator/simulator.ts'
import { customerEvent, patches } from '../test/helpers/process.ts'
import { until } from '../test/helpers/wait.ts'
import { chatty, idle, otherSpender, ownEvents } from './scenarios.ts'
import { hasRedis, startRedis } from './support/redis.ts'
import { createOwner, startBenchService, startBenchSimulator } from './support/setup.ts'
import { type Usage, usageOf } from './support/windows.ts'

const { values } = parseArgs({
  options: {
    allowed: { type: 'string', default: '300' },
    'window-ms': { type: 'string', default: '10000' },
    updates: { type: 'string', default: '2300' },
    'latency-ms': { type: 'string', default: '50' },
    only: { type: 'string' },
  },
})
const size = {
  allowed: Number(values.allowed),
  windowMs: Number(values['window-ms']),
  latencyMs: Number(values['latency-ms']),
}
const updates = Number(values.updates)
/** A contender that has not drained by then counts as never done. */
const timeoutMs = Math.ceil(updates / size.allowed + 3) * size.windowMs + 30_000

interface Result extends Usage {
  readonly lost: number
}

/** Shows how many updates the simulator has got, until the returned function is called. */
function showApplied(simulator: Simulator): () => void {
  const progress = progressOf('updates applied')
  const timer = setInterval(() => progress.update(updates - lostAt(simulator), updates), 1_000)
  return () => {
    clearInterval(timer)
    progress.clear()
  }
}

/** This service, with events by webhook. */
async function ours(): Promise<Result> {
  const owner = createOwner()
  try {
    const { simulator, windows } = await startBenchSimulator(owner, { ...size, participants: updates })
    owner.after(showApplied(simulator))
    const service = await startBenchService(owner, simulator)
    const startedAt = Date.now()
    for (let from = 0; from < updates; from += 500) {
      await service.post(
        Array.from({ length: Math.min(500, updates - from) }, (_, index) => customerEvent(from + index)),
      )
    }
    await until('drained', () => lostAt(simulator) === 0, timeoutMs).catch(() => undefined)
    return { ...usageOf(simulator.calls(), startedAt, windows), lost: lostAt(simulator) }
  } finally {
    await owner.release()
  }
}

/** Another implementation, in its own process, with the updates in memory. */
async function other(name: string, needsRedis = false): Promise<Result> {
  const owner = createOwner()
  try {
    const env = needsRedis ? { ...process.env, REDIS_URL: await startRedis(owner) } : process.env
    const { simulator, windows } = await startBenchSimulator(owner, { ...size, participants: updates })
    owner.after(showApplied(simulator))
    const startedAt = Date.now()
    const file = fileURLToPath(new URL(`contenders/${name}.ts`, import.meta.url))
    const task = { url: simulator.url, allowed: size.allowed, windowMs: size.windowMs, updates }
    const child = spawn(process.execPath, [file, JSON.stringify(task)], { stdio: 'inherit', env })
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
    await once(child, 'exit')
    clearTimeout(timer)
    return { ...usageOf(simulator.calls(), startedAt, windows), lost: lostAt(simulator) }
  } finally {
    await owner.release()
  }
}

const lostAt = (simulator: Simulator): number =>
  updates -
  new Set(
    patches(simulator)
      .filter(({ applied }) => applied)
      .map(({ participantId }) => participantId),
  ).size

const contenders = {
  ours,
  'bottleneck-readme': () => other('bottleneck-readme'),
  ...(hasRedis() && { bullmq: () => other('bullmq', true) }),
  tutorial: () => other('tutorial'),
}

process.stdout.write(
  `${updates} updates, ${size.allowed} calls per ${size.windowMs} ms, window phase unknown, ${size.latencyMs} ms latency\n\n` +
    'contender          share of full windows   429s   seconds to drain   ÷ possible   calls per change   lost\n',
)
for (const [name, run] of Object.entries(contenders)) {
  if (values.only !== undefined && values.only !== name) continue
  const { share, fullWindows, refused, drainMs, possibleMs, calls, lost } = await run()
  process.stdout.write(
    `${name.padEnd(19)}${share.toFixed(4).padStart(8)} (${String(fullWindows).padStart(2)} windows)${String(refused).padStart(9)}` +
      `${(drainMs / 1000).toFixed(1).padStart(19)}${(lost > 0 ? 'never' : (drainMs / possibleMs).toFixed(3)).padStart(13)}` +
      `${(calls / updates).toFixed(3).padStart(19)}${String(lost).padStart(7)}\n`,
  )
}

if (!hasRedis()) process.stdout.write('bullmq             skipped: redis-server not found\n')

if (values.only === undefined || values.only === 'scenarios') {
  process.stdout.write('\n')
  const scenarios = [idle, chatty, ownEvents, otherSpender]
  const progress = progressOf('scenarios done')
  for (const [index, scenario] of scenarios.entries()) {
    progress.update(index, scenarios.length)
    const result = await scenario().finally(progress.clear)
    process.stdout.write(`${result}\n`)
  }
}
