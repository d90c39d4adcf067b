import { createLogger, type Logger } from '../../src/log/logger.ts'

export interface CapturedLog {
  readonly logger: Logger
  /** The raw log output so far. */
  text(): string
  entries(): Record<string, unknown>[]
}

/** A logger that keeps its output in memory. */
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
