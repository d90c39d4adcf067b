import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { progressOf } from '../src/cli/progress.ts'
import { writeRows } from './support/lookup-rows.ts'

// Measures load time, event loop blocking, memory and lookup time of a table in a file: for the form that the service uses,
// and for alternatives.
const { values } = parseArgs({ options: { sizes: { type: 'string', default: '10000,100000,1000000' } } })
const sizes = values.sizes.split(',').map(Number)
/** The number of rows in a JSON file at the size limit. */
const maxJsonRows = 22_000
const child = fileURLToPath(new URL('support/lookup-load.ts', import.meta.url))

interface Measures {
  readonly loadMs: number
  readonly longestMs: number
  readonly rssMb: number
  readonly hitNs: number
  readonly missNs: number
}

interface Plan {
  readonly name: string
  readonly form: string
  readonly format: 'csv' | 'json'
  readonly rows: number
}

/** Measures in a separate process, so that the memory of one form does not count for another. */
function run(form: string, file: string, rows: number): Measures {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--expose-gc', child, form, file, String(rows)],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`${form} ended with ${status}: ${stderr}`)
  return JSON.parse(stdout) as Measures
}

const row = (cells: readonly string[]): string =>
  `${cells.map((cell, index) => (index === 0 ? cell.padEnd(28) : cell.padStart(14))).join('')}\n`

process.stdout.write(
  row(['', 'rows', 'file MB', 'load s', 'longest ms', 'RSS MB', 'MB per M rows', 'hit ns', 'miss ns']),
)
const folder = mkdtempSync(join(tmpdir(), 'genesys-enricher-lookups-'))
try {
  const largest = Math.max(...sizes)
  const plan: Plan[] = [
    ...sizes.map((rows): Plan => ({ name: 'table, from csv', form: 'table', format: 'csv', rows })),
    { name: 'table, from json', form: 'table', format: 'json', rows: maxJsonRows },
    { name: 'Map of objects', form: 'objects', format: 'csv', rows: largest },
    { name: 'Map and array per column', form: 'columns', format: 'csv', rows: largest },
    { name: 'Map and bytes', form: 'bytes', format: 'csv', rows: largest },
  ]
  const progress = progressOf('tables measured')
  for (const [index, { name, form, format, rows }] of plan.entries()) {
    progress.update(index, plan.length)
    const file = join(folder, `${rows}.${format}`)
    writeRows(file, format, rows)
    const { loadMs, longestMs, rssMb, hitNs, missNs } = run(form, file, rows)
    progress.clear()
    process.stdout.write(
      row([
        name,
        String(rows),
        (statSync(file).size / 1e6).toFixed(1),
        (loadMs / 1_000).toFixed(2),
        longestMs.toFixed(1),
        rssMb.toFixed(1),
        ((rssMb / rows) * 1e6).toFixed(0),
        hitNs.toFixed(0),
        missNs.toFixed(0),
      ]),
    )
  }
} finally {
  rmSync(folder, { recursive: true })
}
process.stdout.write('\nlongest: the longest time that loading blocked the event loop\n')
