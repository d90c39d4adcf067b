import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { writeRows } from './support/lookup-rows.ts'

// How long it takes to load a table of a file, what it holds up and takes of memory, and what a lookup costs: in the form
// that the service uses, and in the ones that it could have used.
const { values } = parseArgs({ options: { sizes: { type: 'string', default: '10000,100000,1000000' } } })
const sizes = values.sizes.split(',').map(Number)
/** As many as fit into the largest JSON file that is read. */
const mostJsonRows = 22_000
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

/** Each in a process of its own, so that one's memory is not another's. */
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
    { name: 'table, from json', form: 'table', format: 'json', rows: mostJsonRows },
    { name: 'Map of objects', form: 'objects', format: 'csv', rows: largest },
    { name: 'Map and array per column', form: 'columns', format: 'csv', rows: largest },
    { name: 'Map and bytes', form: 'bytes', format: 'csv', rows: largest },
  ]
  for (const { name, form, format, rows } of plan) {
    const file = join(folder, `${rows}.${format}`)
    writeRows(file, format, rows)
    const { loadMs, longestMs, rssMb, hitNs, missNs } = run(form, file, rows)
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
process.stdout.write('\nlongest: how long others had to wait at most while the table was loaded\n')
