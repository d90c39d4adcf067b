import { parseArgs } from 'node:util'
import { progressOf } from '../src/cli/progress.ts'
import { startPostgres } from '../test/helpers/postgres.ts'
import { createFilledStore } from '../test/inbox/postgres/filled-store.ts'
import { calls, createReader } from '../test/inbox/postgres/statement-reads.ts'
import { createEngines } from './postgres/engines.ts'
import { bytesPerEvent, measureGrowth } from './postgres/growth.ts'
import { type Load, loads, type Measured, measure } from './postgres/pairs.ts'
import { median } from './support/median.ts'
import { createOwner } from './support/setup.ts'

// The inbox on PostgreSQL: its speed as a share of SQLite's, its growth, and what its statements read. The bench starts its own
// server, with the default settings.
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    /** Share of the events of each load. */
    share: { type: 'string', default: '1' },
    events: { type: 'string', default: '1000000' },
    only: { type: 'string', default: 'pairs,growth,reads' },
  },
})
const rounds = Number(values.rounds)
const events = Number(values.events)
const parts = values.only.split(',')
const targets: Readonly<Record<Load, number>> = { singles: 0.6, batches: 0.9, settled: 0.5 }
const owner = createOwner()
const progress = progressOf('measurements done')

const print = (text: string): void => {
  progress.clear()
  process.stdout.write(`${text}\n`)
}

const perEvent = ({ serviceUs, serverUs }: Measured): string =>
  `${serviceUs.toFixed(0)} µs${serverUs > 0 ? ` + ${serverUs.toFixed(0)} µs server` : ''}`

async function comparePairs(open: ReturnType<typeof createEngines>): Promise<void> {
  print('PostgreSQL ÷ SQLite, in turn; processor time per event')
  const results: { load: Load; ratio: number; cpuRatio: number }[] = []
  const names = Object.keys(loads) as Load[]
  for (let round = 0; round < rounds; round += 1)
    for (const [index, load] of names.entries()) {
      progress.update(round * names.length + index, rounds * names.length)
      const sqlite = await measure(open, 'sqlite', load, Number(values.share))
      const postgres = await measure(open, 'postgres', load, Number(values.share))
      const ratio = postgres.perSecond / sqlite.perSecond
      const cpuRatio = sqlite.serviceUs / (postgres.serviceUs + postgres.serverUs)
      results.push({ load, ratio, cpuRatio })
      print(
        `${load}: ${ratio.toFixed(2)}; SQLite ${sqlite.perSecond.toFixed(0)}/s, ${perEvent(sqlite)}; ` +
          `PostgreSQL ${postgres.perSecond.toFixed(0)}/s, ${perEvent(postgres)}`,
      )
    }
  print('\nload       events/s, median of the rounds   target   1 ÷ processor time, with the server')
  for (const load of names) {
    const own = results.filter((result) => result.load === load)
    const ratios = own.map(({ ratio }) => ratio.toFixed(2)).join(', ')
    const measured = `${median(own.map(({ ratio }) => ratio)).toFixed(2)} (${ratios})`
    const cpu = median(own.map(({ cpuRatio }) => cpuRatio)).toFixed(2)
    print(`${load.padEnd(11)}${measured.padEnd(33)}≥ ${targets[load]}   ${cpu}`)
  }
}

async function showGrowth(server: Awaited<ReturnType<typeof startPostgres>>): Promise<void> {
  const count = Math.min(events, 1_000_000)
  print(`\n${count} events stored, then settled: bytes per event`)
  for (const { name, pending, settled } of await bytesPerEvent(owner, server, count))
    print(`${name.padEnd(34)}${pending.toFixed(0).padStart(7)}${settled.toFixed(0).padStart(7)}`)
  const retained = Math.round(events / 5_000) * 1_000
  print(`\n${events} events stored, settled and pruned at a steady rate; ${retained} are kept`)
  print('    events  table MB  index MB  dead rows  autovacuums  WAL B/event  transactions/event  pruned/s')
  await measureGrowth(owner, server, {
    events,
    retained,
    onSample: (sample) => {
      const cells = [
        sample.events,
        sample.tableMb,
        sample.indexMb,
        sample.deadTuples,
        sample.autovacuums,
        sample.walBytesPerEvent,
        sample.transactionsPerEvent,
        sample.prunedPerSecond,
      ]
      const widths = [10, 10, 10, 11, 13, 13, 20, 10]
      print(
        cells.map((cell, index) => cell.toFixed(index === 6 ? 3 : 0).padStart(widths[index] ?? 0)).join(''),
      )
    },
  })
}

async function showReads(server: Awaited<ReturnType<typeof startPostgres>>): Promise<void> {
  for (const statistics of ['current', 'old'] as const) {
    print(`\nIndex entries that a call reads among ${events} events, with ${statistics} statistics`)
    const store = await createFilledStore(owner, server, { rows: events, statistics })
    const { readsOf } = await createReader(owner, server, store)
    for (const [name, { run }] of Object.entries(calls)) {
      const { sequential, entries } = await readsOf(run)
      const read = [...entries].map(([index, count]) => `${index} ${count}`).join(', ')
      print(`${name.padEnd(52)}sequential ${sequential}, ${read}`)
    }
  }
}

try {
  if (parts.includes('pairs') || parts.includes('growth')) {
    const server = await startPostgres(owner, {})
    if (parts.includes('pairs')) await comparePairs(createEngines(server))
    if (parts.includes('growth')) await showGrowth(server)
  }
  if (parts.includes('reads'))
    await showReads(await startPostgres(owner, { fsync: 'off', autovacuum: 'off' }))
} finally {
  await owner.release()
}
