import { formatDuration } from './format.ts'

/** Shows how far long work is: one line in place on a terminal, a line every 10 s elsewhere. */
export interface Progress {
  update(line: string): void
  /** Removes the line from a terminal. */
  end(): void
}

interface ProgressDeps {
  readonly output: { readonly isTTY: boolean; write(text: string): unknown }
  readonly now: () => number
}

const plainLinesEveryMs = 10_000

export function createProgress({ output, now }: ProgressDeps): Progress {
  const startedAt = now()
  let printedAt = startedAt
  return {
    update: (line) => {
      const at = now()
      if (output.isTTY) output.write(`\r\u001b[K${line}`)
      else if (at - printedAt >= plainLinesEveryMs) {
        printedAt = at
        output.write(`${line}, after ${formatDuration(at - startedAt)}\n`)
      }
    },
    end: () => {
      if (output.isTTY) output.write('\r\u001b[K')
    },
  }
}

/** For `--json`. */
export const noProgress: Progress = { update: () => undefined, end: () => undefined }
