import { spawnSync } from 'node:child_process'
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { sizes: { type: 'string', default: '10000,100000,1000000' } } })
const backlog = fileURLToPath(new URL('support/backlog.ts', import.meta.url))

interface Measures {
  readonly appendUs?: number
  readonly claimUs?: number
  readonly rssMb?: number
  readonly openMs?: number
  readonly firstPatchMs?: number
  readonly fileMb?: number
}

/** A disk that still writes what was filled a moment ago would be measured with it. */
function waitForDisk(file: string): void {
  const descriptor = openSync(file, 'a')
  fsyncSync(descriptor)
  closeSync(descriptor)
}

/** Each part in a process of its own, so that one's memory is not another's. */
function run(part: string, file: string, size: number): Measures {
  waitForDisk(file)
  const { stdout, stderr, status } = spawnSync(process.execPath, [backlog, part, file, String(size)], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${part} ended with ${status}: ${stderr}`)
  return JSON.parse(stdout) as Measures
}

process.stdout.write(
  'pending events   append µs   claim+settle µs   RSS MB   start → first PATCH ms   file MB   file MB after retention\n',
)
const rows: { size: number; claimUs: number; appendUs: number }[] = []
for (const size of values.sizes.split(',').map(Number)) {
  const folder = mkdtempSync(join(tmpdir(), 'genesys-enricher-scale-'))
  const file = join(folder, 'inbox.db')
  try {
    const { appendUs = Number.NaN } = run('fill', file, size)
    const fileMb = statSync(file).size / 1e6
    const { firstPatchMs = Number.NaN } = run('start', file, size)
    const { claimUs = Number.NaN, rssMb = Number.NaN } = run('work', file, size)
    const { fileMb: kept = Number.NaN } = run('retain', file, size)
    rows.push({ size, claimUs, appendUs })
    process.stdout.write(
      `${String(size).padStart(14)}${appendUs.toFixed(1).padStart(12)}${claimUs.toFixed(1).padStart(18)}${rssMb.toFixed(0).padStart(9)}` +
        `${firstPatchMs.toFixed(0).padStart(25)}${fileMb.toFixed(1).padStart(10)}${kept.toFixed(1).padStart(26)}\n`,
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}
const [least, most] = [rows[0], rows.at(-1)]
if (least !== undefined && most !== undefined) {
  process.stdout.write(
    `\n${most.size} pending ÷ ${least.size} pending: append ${(most.appendUs / least.appendUs).toFixed(2)} ×, claim+settle ${(most.claimUs / least.claimUs).toFixed(2)} ×\n`,
  )
}
