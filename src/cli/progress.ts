import { SingleBar } from 'cli-progress'
import { formatDuration, grouped } from './format.ts'

/** Shows the progress of long work: a bar on a terminal, a line every 10 s elsewhere. */
export interface Progress {
  /** `total`: undefined if it is not known how much there is to do. */
  update(done: number, total: number | undefined): void
  /** Removes the bar from a terminal: at the end, and before other output. The next update shows it again. */
  clear(): void
}

interface ProgressOptions {
  /** Follows the numbers: `events compared`. */
  readonly what: string
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean }
  /** Epoch ms. */
  readonly now: () => number
}

/** Shorter work shows nothing, so that nothing flashes up. */
const showAfterMs = 500
const plainLinesEveryMs = 10_000

export function createProgress({ what, output, now }: ProgressOptions): Progress {
  const startedAt = now()
  let printedAt = startedAt
  let bar: SingleBar | undefined

  function show(done: number, total: number | undefined, text: string): void {
    if (bar === undefined) {
      bar = new SingleBar({
        stream: output,
        format: total === undefined ? '{text}' : '{bar} {percentage}%  {text}',
        barsize: 20, // so that the line fits into 80 columns
        barCompleteChar: '█',
        barIncompleteChar: '░',
        clearOnComplete: true,
        linewrap: true, // otherwise Ctrl-C would leave it turned off
      })
      bar.start(total ?? 0, done, { text })
    } else bar.update(done, { text })
  }

  return {
    update: (done, total) => {
      const at = now()
      const elapsedMs = at - startedAt
      const text = `${formatCount(done, total)} ${what}`
      if (output.isTTY) {
        if (elapsedMs >= showAfterMs) show(done, total, `${text}${formatLeft(done, total, elapsedMs)}`)
      } else if (at - printedAt >= plainLinesEveryMs) {
        printedAt = at
        output.write(`${text}, after ${formatDuration(elapsedMs)}\n`)
      }
    },
    clear: () => {
      bar?.stop()
      bar = undefined
    },
  }
}

/** For `--json`. */
const noProgress: Progress = { update: () => undefined, clear: () => undefined }

/** Progress on standard error, so that standard output has only the result. With `json`, none. */
export const progressOf = (what: string, { json = false }: { readonly json?: boolean | undefined } = {}) =>
  json ? noProgress : createProgress({ what, output: process.stderr, now: Date.now })

const formatCount = (done: number, total: number | undefined): string =>
  total === undefined ? grouped(done) : `${grouped(done)} of ${grouped(total)}`

/** An estimate at the pace so far. */
function formatLeft(done: number, total: number | undefined, elapsedMs: number): string {
  if (total === undefined || done === 0 || done >= total) return ''
  return `, about ${formatDuration((elapsedMs / done) * (total - done))} left`
}
