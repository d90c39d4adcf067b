import { spawnSync } from 'node:child_process'
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { progressOf } from '../src/cli/progress.ts'

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '10000,100000,1000000' },
    settled: { type: 'string', default: '1000000,5000000,20000000' },
  },
})
const backlog = fileURLToPath(new URL('support/backlog.ts', import.meta.url))

interface Measures {
  readonly appendUs?: number
  readonly claimUs?: number
  readonly rssMb?: number
  readonly firstPatchMs?: number
  readonly fileMb?: number
  readonly inboxes?: readonly AppendMeasures[]
}

interface AppendMeasures {
  readonly openMs: number
  readonly openCpuMs: number
  readonly indexBytes: number
  readonly appendUs: number
  readonly ratio: number
  readonly appendCpuUs: number
  readonly cpuRatio: number
}

/** A disk that still writes what was filled a moment ago would be measured with it. */
function waitForDisk(file: string): void {
  const descriptor = openSync(file, 'a')
  fsyncSync(descriptor)
  closeSync(descriptor)
}

const sizesOf = (list: string): number[] => list.split(',').filter(Boolean).map(Number)

/** Of the sizes: 4 parts for each number of pending events; 2 for each number of settled ones and for 0; 1 append. */
const parts =
  4 * sizesOf(values.sizes).length +
  (values.settled === '' ? 0 : 2 * (sizesOf(values.settled).length + 1) + 1)
const progress = progressOf('parts done')
let partsDone = 0

/** Each part in a process of its own, so that one's memory is not another's. */
function run(part: string, file: string, size: number): Measures {
  for (const one of file.split(',')) waitForDisk(one)
  progress.update(partsDone, parts)
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--expose-gc', backlog, part, file, String(size)],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`${part} ended with ${status}: ${stderr}`)
  partsDone += 1
  return JSON.parse(stdout) as Measures
}

const print = (cells: readonly string[], widths: readonly number[]): void => {
  progress.clear()
  process.stdout.write(`${cells.map((cell, index) => cell.padStart(widths[index] ?? 0)).join('')}\n`)
}

/** How cost depends on the number of events that wait. */
function measurePending(folder: string): void {
  const widths = [14, 12, 18, 9, 25, 10, 26]
  print(
    [
      'pending events',
      'append µs',
      'claim+settle µs',
      'RSS MB',
      'start → first PATCH ms',
      'file MB',
      'file MB after retention',
    ],
    widths,
  )
  const rows: { size: number; claimUs: number; appendUs: number }[] = []
  for (const size of sizesOf(values.sizes)) {
    const file = join(folder, `${size}-pending.db`)
    const { appendUs = Number.NaN } = run('fill', file, size)
    const fileMb = statSync(file).size / 1e6
    const { firstPatchMs = Number.NaN } = run('start', file, size)
    const { claimUs = Number.NaN, rssMb = Number.NaN } = run('work', file, size)
    const { fileMb: kept = Number.NaN } = run('retain', file, size)
    rmSync(file)
    rows.push({ size, claimUs, appendUs })
    print(
      [
        String(size),
        appendUs.toFixed(1),
        claimUs.toFixed(1),
        rssMb.toFixed(0),
        firstPatchMs.toFixed(0),
        fileMb.toFixed(1),
        kept.toFixed(1),
      ],
      widths,
    )
  }
  const [least, most] = [rows[0], rows.at(-1)]
  if (least !== undefined && most !== undefined) {
    process.stdout.write(
      `\n${most.size} pending ÷ ${least.size} pending: append ${(most.appendUs / least.appendUs).toFixed(2)} ×, claim+settle ${(most.claimUs / least.claimUs).toFixed(2)} ×\n`,
    )
  }
}

/** How the cost of an append depends on the number of settled events within the retention. */
function measureSettled(folder: string): void {
  const appended = 50_000
  process.stdout.write(
    `\nSettled events are rows without bodies, some 0.1 GB a million, deleted at the end. ${appended} events are appended\n` +
      'to each inbox in batches of 500, to all inboxes in turn: median of the batches, and of the ratios batch by batch.\n\n',
  )
  const filled = [0, ...sizesOf(values.settled)].map((size) => {
    const file = join(folder, `${size}-settled.db`)
    run('settled', file, size)
    return { size, file }
  })
  const { inboxes = [] } = run('append', filled.map(({ file }) => file).join(), appended)
  const widths = [14, 11, 9, 15, 9, 15, 9, 13, 24, 9]
  print(
    [
      'settled events',
      'append µs',
      '÷ empty',
      'append CPU µs',
      '÷ empty',
      'index B a row',
      'open ms',
      'open CPU ms',
      'start → first PATCH ms',
      'file MB',
    ],
    widths,
  )
  for (const [index, { size, file }] of filled.entries()) {
    const measured = inboxes[index]
    if (measured === undefined) throw new Error(`${file} was not measured`)
    const { firstPatchMs = Number.NaN } = run('start', file, size)
    print(
      [
        String(size),
        measured.appendUs.toFixed(1),
        measured.ratio.toFixed(2),
        measured.appendCpuUs.toFixed(1),
        measured.cpuRatio.toFixed(2),
        size === 0 ? '' : (measured.indexBytes / size).toFixed(1),
        measured.openMs.toFixed(0),
        measured.openCpuMs.toFixed(0),
        firstPatchMs.toFixed(0),
        (statSync(file).size / 1e6).toFixed(0),
      ],
      widths,
    )
  }
}

const folder = mkdtempSync(join(tmpdir(), 'genesys-enricher-scale-'))
process.on('SIGINT', () => {}) // ends the part that runs: that fails, and the files are removed
try {
  if (values.sizes !== '') measurePending(folder)
  if (values.settled !== '') measureSettled(folder)
} finally {
  progress.clear()
  rmSync(folder, { recursive: true })
}
