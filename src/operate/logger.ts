import { type DestinationStream, type Logger, pino } from 'pino'

export type { Logger }

/**
 * JSON lines on standard output. What must stay secret does not get here in the first place: callers log
 * ids, names and codes. Errors lose their message, since messages quote what they could not read.
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError },
      redact: {
        paths: [
          'headers',
          '*.headers',
          'authorization',
          '*.authorization',
          'token',
          'secret',
          'attributes',
          '*.attributes',
        ],
        censor: '[redacted]',
      },
    },
    ...(destination === undefined ? [] : [destination]),
  )
}

/** Kind, code and place of an error, without its words. */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error }
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return {
    type: error.name,
    ...('code' in error && { code: String(error.code) }),
    stack: frames.map((line) => line.trim()),
  }
}
