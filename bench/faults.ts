import { parseArgs } from 'node:util'
import { progressOf } from '../src/cli/progress.ts'
import { runFaults } from './support/fault-run.ts'
import { runFaultTable, tableOf } from './support/postgres-faults/run.ts'

const { values } = parseArgs({
  options: {
    store: { type: 'string', default: 'sqlite' },
    rounds: { type: 'string' },
    participants: { type: 'string', default: '200' },
    'stop-seconds': { type: 'string', default: '20' },
  },
})
const print = (text: string) => process.stdout.write(text)
const progress = progressOf(values.store === 'postgres' ? 'runs' : 'kills')
const participants = Number(values.participants)
if (values.store === 'postgres') await faultsOfPostgres(Number(values.rounds ?? 20))
else await faultsOfService(Number(values.rounds ?? 200))

/** Kills of the service and faults of Genesys Cloud, with the inbox in SQLite. */
async function faultsOfService(rounds: number): Promise<void> {
  print(
    `${rounds} SIGKILLs at random times under load, with outages, 429s, expired tokens, slow answers, resets, clock jumps\n`,
  )
  const result = await runFaults({
    rounds,
    participants,
    onRound: (round) => progress.update(round, rounds),
  }).finally(progress.clear)
  const { faults, ...numbers } = result
  for (const [name, number] of Object.entries(numbers)) print(`${name.padEnd(16)}${number}\n`)
  const counts = Object.entries(faults).map(([name, number]) => `${name} ×${number}`)
  print(`faults          ${counts.join(', ')}\n`)
  if (result.lost > 0 || result.wrong > 0) fail('lost and wrong must be 0')
}

/** Faults of a PostgreSQL server with the inbox. */
async function faultsOfPostgres(times: number): Promise<void> {
  print(`All faults of a PostgreSQL server under load, ${times} times in a row\n`)
  const load = { senders: 4, participants, pauseMs: 10 }
  const summary = await runFaultTable(
    times,
    {
      load,
      holdMs: 1_000,
      stopMs: Number(values['stop-seconds']) * 1_000,
      terminations: 20,
      onResult: () => {},
    },
    (run) => progress.update(run, times),
  ).finally(progress.clear)
  print(tableOf(summary.results))
  for (const reason of summary.skipped) print(`skipped: ${reason}\n`)
  print(`${summary.green} of ${times} runs without a problem\n`)
  const problems = summary.results.flatMap((result) =>
    result.problems.map((one) => `${result.fault}: ${one}`),
  )
  if (problems.length > 0) fail(problems.slice(0, 10).join('\n'))
  else if (summary.green < times) fail('not all runs took place')
}

function fail(why: string): void {
  print(`FAILED: ${why}\n`)
  process.exitCode = 1
}
