import type { TraceContext } from '../event.ts'

/** Names, ids, codes and counts; never attribute values, phone numbers, addresses or secrets. Undefined values are left out. */
export type SpanAttributes = Readonly<Record<string, string | number | readonly string[] | undefined>>

/** One timed step of a trace. */
export interface Span {
  readonly context: TraceContext
  set(attributes: SpanAttributes): void
  /** Adds a link to a span of another trace. */
  link(context: TraceContext): void
  /** Marks the span as failed. `type`: an error code, an HTTP status or a network error code. */
  fail(type: string): void
  /** Ends the span. Later calls change nothing. */
  end(): void
}

export interface SpanOptions {
  readonly kind: 'server' | 'client' | 'producer' | 'consumer' | 'internal'
  /** Undefined: the span begins a new trace. */
  readonly parent?: TraceContext | undefined
  /** The tracer keeps the first `maxLinks`. */
  readonly links?: readonly TraceContext[] | undefined
  readonly attributes?: SpanAttributes
  /** Epoch ms. Default: now. */
  readonly startedAt?: number
}

/** Most links of one span: the default limit of the OpenTelemetry specification. */
export const maxLinks = 128

/** The parent and the links of the calls that a function makes. */
export interface CallTrace {
  readonly parent: TraceContext
  readonly links: readonly TraceContext[]
}

/**
 * The port of the steps to a tracing system. No method throws, waits for the network or depends on its success. Where a step
 * takes an optional tracer, its absence means that tracing is off, and the step pays only for that check.
 */
export interface Tracer {
  start(name: string, options: SpanOptions): Span
  /** Runs the function. `callTrace` returns the value in it, and in the asynchronous work that it begins. */
  withCallTrace<Result>(trace: CallTrace, run: () => Result): Result
  callTrace(): CallTrace | undefined
  /** Sends the remaining spans, for at most that long. Never rejects. Idempotent. */
  stop(withinMs: number): Promise<void>
}
