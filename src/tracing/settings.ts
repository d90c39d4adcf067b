import type { Logger } from '../log/logger.ts'

export interface TracingSettings {
  /** Empty: tracing is off. */
  readonly exporters: readonly ('otlp' | 'console')[]
  readonly protocol: 'http/protobuf' | 'http/json'
}

export interface TracingDeps {
  readonly log: Pick<Logger, 'warn'>
  /** Ms of a clock that never jumps. */
  readonly monotonic: () => number
}
