import { type DestinationStream, type Logger, pino } from 'pino'

export type { Logger }

/**
 * Logs JSON lines to standard output. Callers log only ids, names and codes, never secrets or values; `redact` is a second
 * safeguard. Error messages are dropped, because they may quote input.
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
        // For an error without a message argument, pino would log the error's own message.
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

/** The type, code and stack of an error, without its message. */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error }
  // The stack starts with the message, whose lines may look like frames.
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
