import { spawn } from 'node:child_process'
import { join } from 'node:path'

export interface GroupOptions {
  readonly files: readonly string[]
  /** Where the reporter writes the `Counts`. */
  readonly report: string
  /** A test that takes longer fails. */
  readonly testTimeoutMs: number
  /**
   * A process that prints nothing for so long is killed: a test blocks it, or left something open, so that it cannot end.
   * Must be longer than `testTimeoutMs`.
   */
  readonly silenceMs: number
}

export interface GroupRun {
  readonly passed: boolean
  /** Whether the process was killed after `silenceMs`. */
  readonly killed: boolean
  readonly stdout: Buffer
  readonly stderr: Buffer
}

/** Runs test files in one process and collects what it prints. */
export async function runGroup({ files, report, testTimeoutMs, silenceMs }: GroupOptions): Promise<GroupRun> {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env // with it, the process would run no test
  const child = spawn(
    process.execPath,
    [
      '--test',
      '--test-isolation=none',
      `--test-timeout=${testTimeoutMs}`,
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      `--test-reporter=${join(import.meta.dirname, 'count-tests.ts')}`,
      `--test-reporter-destination=${report}`,
      ...files,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env },
  )
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []]
  let killed = false
  const silence = setTimeout(() => {
    killed = true
    child.kill('SIGKILL')
    // A program that a test has started may keep the streams open.
    child.stdout.destroy()
    child.stderr.destroy()
  }, silenceMs)
  const collect = (chunks: Buffer[]) => (chunk: Buffer) => {
    chunks.push(chunk)
    silence.refresh()
  }
  child.stdout.on('data', collect(stdout))
  child.stderr.on('data', collect(stderr))
  try {
    const code = await new Promise<number | null>((resolve, reject) =>
      child.once('error', reject).once('close', resolve),
    )
    return { passed: code === 0, killed, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) }
  } finally {
    clearTimeout(silence)
  }
}
