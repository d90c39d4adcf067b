import { createLogger, type Logger } from '../../src/operate/logger.ts'

export interface CapturedLog {
  readonly logger: Logger
  /** All that was written so far, as it was written. */
  text(): string
  entries(): Record<string, unknown>[]
}

/** A logger that keeps what it writes. */
export function captureLog(level = 'trace'): CapturedLog {
  let text = ''
  const logger = createLogger(level, {
    write: (line: string) => {
      text += line
    },
  })
  return {
    logger,
    text: () => text,
    entries: () =>
      text
        .trimEnd()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line)),
  }
}
