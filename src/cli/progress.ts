import { formatDuration } from './format.ts'

/** Shows how far long work is, on standard error: one line in place on a terminal, a line every 10 s elsewhere. */
export interface Progress {
  update(line: string): void
  /** Removes the line from a terminal. */
  end(): void
}

const plainLinesEveryMs = 10_000

export function createProgress({ silent, startedAt }: { silent: boolean; startedAt: number }): Progress {
  const isTerminal = process.stderr.isTTY
  let printedAt = startedAt
  return {
    update: (line) => {
      if (silent) return
      const now = Date.now()
      if (isTerminal) process.stderr.write(`\r\u001b[K${line}`)
      else if (now - printedAt >= plainLinesEveryMs) {
        printedAt = now
        process.stderr.write(`${line}, after ${formatDuration(now - startedAt)}\n`)
      }
    },
    end: () => {
      if (!silent && isTerminal) process.stderr.write('\r\u001b[K')
    },
  }
}
