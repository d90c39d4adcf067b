/**
 * Runs every test: many files share a process, because a process for each file would load the libraries more than 300 times.
 * Several processes run at once, because many tests wait for other programs.
 *
 * Usage: node scripts/test.ts. Exits with 1 if a test fails.
 */
import { randomUUID } from 'node:crypto'
import { globSync, readFileSync, statfsSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { Counts } from './count-tests.ts'
import { runGroup } from './run-group.ts'

const processes = availableParallelism() + 2
/** At most. Of a folder with long tests, fewer files share a process, so that all processes end at about the same time. */
const filesPerProcess = { long: 10, short: 24 }
const testTimeoutMs = 120_000
/** The most that all tests write at one time, and as much again. */
const bytesInMemory = 4e9
const silenceMs = 300_000
/** These take longest and start first. */
const longFolders = [
  'test/e2e',
  'test/dashboard',
  'test/inbox',
  'test/cli',
  'test/deliver',
  'test/docs',
  'test/doctor',
]

interface Group {
  folders: string
  files: readonly string[]
}

interface Result extends Group {
  passed: boolean
  /** Undefined when the process ended before its summary. */
  counts: Counts | undefined
}

process.chdir(join(import.meta.dirname, '..'))
const started = performance.now()
process.env.TMPDIR = testFolder()
const reports = await mkdtemp(join(tmpdir(), 'genesys-enricher-tests-'))
// For what the processes share. The user of a PostgreSQL server needs access to the folder.
process.env.TEST_COMMON_FOLDER = reports
await chmod(reports, 0o711)
const queue = groupsOf(globSync('test/**/*.test.ts').sort())
const results: Result[] = []
await Promise.all(Array.from({ length: processes }, runQueue))
await rm(reports, { recursive: true })
printTotals()
if (results.some(({ passed }) => !passed)) process.exitCode = 1

/**
 * Where the tests write. In memory if there is room: SQLite and PostgreSQL flush each commit to the disk, which takes most of the time
 * of many tests, and no test cuts the power.
 */
function testFolder(): string {
  const memory = '/dev/shm'
  const mounts = process.platform === 'linux' ? readFileSync('/proc/mounts', 'utf8').split('\n') : []
  const mount = mounts.find((line) => line.split(' ')[1] === memory)
  if (mount === undefined || mount.includes('noexec')) return tmpdir()
  const { bavail, bsize } = statfsSync(memory)
  return bavail * bsize >= bytesInMemory ? memory : tmpdir()
}

function groupsOf(files: readonly string[]): Group[] {
  const long = longFolders.flatMap((folder) =>
    chunksOf(
      files.filter((file) => folderOf(file) === folder),
      filesPerProcess.long,
    ),
  )
  const short = chunksOf(
    files.filter((file) => !longFolders.includes(folderOf(file))),
    filesPerProcess.short,
  )
  return [...long, ...short].map((chunk) => ({
    folders: [...new Set(chunk.map(folderOf))].join(' '),
    files: chunk,
  }))
}

/** The folder directly below `test`, or `test` itself. */
function folderOf(file: string): string {
  const [test = '', folder, ...rest] = file.split('/')
  return rest.length > 0 ? `${test}/${folder}` : test
}

/** Chunks of about the same size. */
function chunksOf(files: readonly string[], largest: number): string[][] {
  const chunks = Math.ceil(files.length / largest)
  const size = Math.ceil(files.length / chunks)
  return Array.from({ length: chunks }, (_, index) => files.slice(index * size, (index + 1) * size))
}

async function runQueue(): Promise<void> {
  for (let group = queue.shift(); group; group = queue.shift()) results.push(await run(group))
}

/** Prints the output when the group has ended, so that the lines of two groups don't mix. */
async function run({ folders, files }: Group): Promise<Result> {
  const report = join(reports, randomUUID())
  const { passed, killed, stdout, stderr } = await runGroup({ files, report, testTimeoutMs, silenceMs })
  process.stdout.write(`\n=== ${folders}\n`)
  process.stdout.write(stdout)
  process.stderr.write(stderr)
  if (killed) console.log(`✖ killed, because it printed nothing for ${silenceMs / 1_000} s`)
  const text = await readFile(report, 'utf8').catch(() => '')
  return { folders, files, passed, counts: text === '' ? undefined : (JSON.parse(text) as Counts) }
}

function printTotals(): void {
  const sum = (count: keyof Counts) =>
    results.reduce((total, { counts }) => total + (counts?.[count] ?? 0), 0)
  const failed = sum('tests') - sum('passed') - sum('skipped') - sum('todo') - sum('cancelled')
  console.log('\n=== all tests')
  console.log(`ℹ tests ${sum('tests')}`)
  console.log(`ℹ pass ${sum('passed')}`)
  console.log(`ℹ fail ${failed}`)
  console.log(`ℹ cancelled ${sum('cancelled')}`)
  console.log(`ℹ skipped ${sum('skipped')}`)
  console.log(`ℹ todo ${sum('todo')}`)
  console.log(`ℹ duration_ms ${Math.round(performance.now() - started)}`)
  for (const { folders, files, passed } of results)
    if (!passed) console.log(`✖ failed: ${folders} (see above), one of ${files.join(' ')}`)
}
