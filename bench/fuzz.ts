import { parseArgs } from 'node:util'
import { progressOf } from '../src/cli/progress.ts'
import { failedChecks, maxGrowth } from './fuzz/failed-checks.ts'
import { runFuzz } from './fuzz/run.ts'
import type { ServiceMemory } from './fuzz/service-memory.ts'

// Sends hostile and mutated requests to a service in its own process. `--seed` repeats a run; `--from` with
// `--requests 1` repeats one of its requests.
const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    from: { type: 'string', default: '0' },
    minutes: { type: 'string', default: '30' },
  },
})
const print = (text: string) => process.stdout.write(`${text}\n`)
const row = (name: string, value: string | number) => print(`${name.padEnd(34)}${value}`)

print(
  `seed ${values.seed}, ${values.requests} requests from number ${values.from}, at most ${values.minutes} minutes`,
)
const requests = Number(values.requests)
const progress = progressOf('requests')
const result = await runFuzz({
  seed: Number(values.seed),
  requests,
  from: Number(values.from),
  withinMs: Number(values.minutes) * 60_000,
  onProgress: (sent) => progress.update(sent, requests),
}).finally(progress.clear)

const { byStatus, eventCounts, memory, slowest } = result
row('requests', result.requests)
row('requests per second', result.perSecond.toFixed(0))
for (const [status, times] of [...byStatus].sort(([a], [b]) => String(a).localeCompare(String(b))))
  row(`  answered ${status}`, times)
row(
  '5xx',
  [...byStatus].reduce((sum, [status, times]) => sum + (Number(status) >= 500 ? times : 0), 0),
)
row('crashes', result.crash ?? 0)
row(
  'events',
  Object.entries(eventCounts)
    .map(([name, times]) => `${times} ${name}`)
    .join(', '),
)
row('slowest', `${slowest.ms.toFixed(0)} ms (${slowest.kind})`)
row('probe p99', `${result.probeP99Ms.toFixed(0)} ms`)
const stages = (mbOf: (stage: ServiceMemory) => number) =>
  memory.stages.map((stage) => `${mbOf(stage).toFixed(0)} MB`).join(', ')
const growth = (bytes: number, limit: number) => `${bytes.toFixed(1)} bytes per request (at most ${limit})`
row(
  'RSS at 20, 60, 100 %',
  stages(({ rssMb }) => rssMb),
)
row(
  '  heap after a collection',
  stages(({ heapMb }) => heapMb),
)
row(
  '  external memory',
  stages(({ externalMb }) => externalMb),
)
row('growth of the heap', growth(memory.growth.heapBytes, maxGrowth.heapBytes))
row('  of external memory', growth(memory.growth.externalBytes, maxGrowth.externalBytes))
row('valid event after the run', result.goodApplied ? 'applied' : 'NOT applied')
row('SIGTERM', result.ended)

const [first] = result.failures.toSorted((a, b) => a.number - b.number)
if (first !== undefined)
  print(
    `\nfirst failure: request ${first.number} (${first.kind}): ${first.wrong}\n` +
      `  sent ${first.sent}\n  answered ${first.answered}`,
  )
for (const { number, kind, wrong, file, times } of result.failures.slice(0, 20))
  print(`request ${number} (${kind}): ${wrong}, ${times} ×, saved as ${file}`)
const failed = failedChecks(result)
if (failed.length > 0) {
  print(`\nFAILED:\n${failed.map((check) => `  ${check}`).join('\n')}`)
  process.exitCode = 1
}
