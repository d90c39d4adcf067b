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
      hooks: {
        // An error without a text beside it would be logged by its own message.
        logMethod(args, method) {
          const [first, second] = args as unknown[]
          const bare = second === undefined && errorIn(first) !== undefined
          method.apply(this, bare ? [first, 'error'] : args)
        },
      },
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

const errorIn = (value: unknown): unknown =>
  value instanceof Error
    ? value
    : typeof value === 'object' && value !== null && 'err' in value
      ? value.err
      : undefined

/** Kind, code and place of an error, without its words. */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error }
  // The stack begins with the message, whose lines may look like frames.
  const frames = (error.stack ?? '')
    .replace(error.message, '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
  return {
    type: error.name,
    ...('code' in error && { code: String(error.code) }),
    stack: frames.map((line) => line.trim()),
  }
}
