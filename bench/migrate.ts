/**
 * Copies an inbox with `store migrate`'s code from SQLite to PostgreSQL, and from there to SQLite. Starts a PostgreSQL server of its own.
 *
 * Usage: node bench/migrate.ts [--events 1000000]
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { progressOf } from '../src/cli/progress.ts'
import { temporaryFolder } from '../test/helpers/folder.ts'
import { startPostgres } from '../test/helpers/postgres.ts'
import { writeMixedRows } from './support/mixed-rows.ts'

const { values } = parseArgs({ options: { events: { type: 'string', default: '1000000' } } })
const events = Number(values.events)
const program = fileURLToPath(new URL('support/migrate-run.ts', import.meta.url))
const releases: (() => unknown)[] = []
const owner = { after: (release: () => unknown) => void releases.push(release) }

async function measure(name: string, from: string, to: string): Promise<void> {
  const progress = progressOf(`rows of ${name}`)
  const child = fork(program, [from, to], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  child.on('message', ([, done, total]: [string, number, number]) => progress.update(done, total))
  const [output, [code]] = await Promise.all([text(child.stdout ?? process.stdin), once(child, 'exit')])
  progress.clear()
  if (code !== 0) throw new Error(`${name} failed`)
  const { copySeconds, compareSeconds, cpuSeconds, rssMb, openMs } = JSON.parse(output)
  console.log(
    `| ${name} | ${copySeconds.toFixed(0)} | ${compareSeconds.toFixed(0)} | ${cpuSeconds.toFixed(0)} | ${rssMb.toFixed(0)} | ${(openMs / 1_000).toFixed(1)} |`,
  )
}

try {
  const folder = await temporaryFolder(owner)
  const [first, last] = ['from.db', 'to.db'].map((name) => join(folder, name))
  await writeMixedRows(first ?? '', events)
  console.log(`${events} events, ${(statSync(first ?? '').size / 1e6).toFixed(0)} MB in SQLite`)
  const server = await startPostgres(owner, {})
  const store = await server.createStore()
  console.log(
    '| Copy | Copy, s | Compare, s | Processor time of the process, s | Most RSS, MB | First start, s |',
  )
  console.log('| --- | --- | --- | --- | --- | --- |')
  await measure('SQLite → PostgreSQL', `sqlite:${first}`, store)
  await measure('PostgreSQL → SQLite', store, `sqlite:${last}`)
} finally {
  for (const release of releases.reverse()) await release()
}
