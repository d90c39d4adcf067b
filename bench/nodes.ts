import { parseArgs } from 'node:util'
import { progressOf } from '../src/cli/progress.ts'
import { startPostgres } from '../test/helpers/postgres.ts'
import { median } from './support/median.ts'
import { type KillRoundsResult, runKillRounds } from './support/nodes/kill-rounds.ts'
import { measureTakeOvers } from './support/nodes/take-over.ts'
import { measureThroughput } from './support/nodes/throughput.ts'
import { createOwner } from './support/setup.ts'

// Several nodes on a PostgreSQL server of the bench's own, which flushes each commit. `--only` runs one part. Ctrl-C ends the rounds of kills early,
// with a result.
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '100' },
    events: { type: 'string', default: '20000' },
    times: { type: 'string', default: '10' },
    'lease-ms': { type: 'string', default: '2000' },
    participants: { type: 'string', default: '200' },
    only: { type: 'string' },
  },
})
const leaseMs = Number(values['lease-ms'])
const rounds = Number(values.rounds)
/** A window is longer than a take-over, so each can be used up. */
const limit = { allowed: 100, windowMs: 5_000 }

const failures: string[] = []
const print = (text: string) => process.stdout.write(`${text}\n`)
const row = (...cells: readonly (string | number)[]) =>
  print(
    cells.map((cell, index) => (index === 0 ? String(cell).padEnd(34) : String(cell).padStart(12))).join(''),
  )

/** One line of the table of targets. */
function check(name: string, value: number, target: number, isBest: 'most' | 'least'): void {
  const isMet = isBest === 'least' ? value <= target : value >= target
  if (!isMet) failures.push(name)
  const wanted = `${isBest === 'least' ? '≤' : '≥'} ${target}`
  row(name, Number.isInteger(value) ? value : value.toFixed(3), wanted, isMet ? 'met' : 'MISSED')
}

const owner = createOwner()
/** On a server of its own, so that the parts do not disturb each other. */
const startServer = () => startPostgres(owner, { fsync: 'on', max_connections: '100' })

async function throughput(): Promise<void> {
  const server = await startServer()
  const progress = progressOf('numbers of nodes measured')
  row('nodes', 'accepted/s', 'settled/s', 'statements', 'WAL bytes')
  for (const nodes of [1, 2, 3]) {
    progress.update(nodes - 1, 3)
    const measured = await measureThroughput({ server, nodes, events: Number(values.events) })
    progress.clear()
    row(
      nodes,
      Math.round(measured.acceptedPerSecond),
      Math.round(measured.settledPerSecond),
      measured.statementsPerEvent.toFixed(3),
      Math.round(measured.walBytesPerEvent),
    )
  }
  print('settled: accepted and settled without a PATCH; statements and bytes of WAL per event\n')
}

async function takeOver(): Promise<void> {
  const server = await startServer()
  const times = Number(values.times)
  const progress = progressOf('take-overs')
  const targets = { SIGKILL: leaseMs + 2_000, SIGTERM: 1_000 } as const
  for (const [index, [signal, target]] of Object.entries(targets).entries()) {
    const onTime = (time: number) => progress.update(index * times + time, 2 * times)
    const measured = await measureTakeOvers({
      server,
      signal: signal as NodeJS.Signals,
      times,
      leaseMs,
      onTime,
    })
    progress.clear()
    row(`take-over after ${signal}, median, ms`, median(measured))
    check(`take-over after ${signal}, longest, ms`, Math.max(...measured), target, 'least')
  }
  print('')
}

async function kills(): Promise<void> {
  const server = await startServer()
  const progress = progressOf('rounds')
  const options = { server, participants: Number(values.participants), leaseMs, limit, pauseMs: 2_000 }
  const undisturbed = await runKillRounds({ ...options, rounds: 0, pauseMs: 30_000 })
  const stopping = new AbortController()
  process.once('SIGINT', () => stopping.abort())
  const result = await runKillRounds({
    ...options,
    rounds,
    stop: stopping.signal,
    onRound: (round) => progress.update(round, rounds),
  }).finally(progress.clear)
  print(`${result.rounds} rounds: a random node of three is killed under load and started again`)
  const shown = ['accepted', 'dead', 'calls', 'duplicatesSent', 'windows'] as const
  for (const name of shown) row(name, result[name])
  row('share of the windows used', result.share.toFixed(3))
  row('the same without a kill', undisturbed.share.toFixed(3), `${undisturbed.windows} windows`)
  const none = ['lost', 'wrong', 'misordered', 'overlapping', 'ownRefusals'] as const
  for (const name of none satisfies readonly (keyof KillRoundsResult)[]) check(name, result[name], 0, 'least')
  check('share ÷ share without a kill', result.share / undisturbed.share, 0.97, 'most')
}

const parts = { throughput, 'take-over': takeOver, kills }
try {
  for (const [name, run] of Object.entries(parts)) {
    if (values.only === undefined || values.only === name) await run()
  }
} finally {
  await owner.release()
}
if (failures.length > 0) {
  print(`\nFAILED: ${failures.join(', ')}`)
  process.exitCode = 1
}
