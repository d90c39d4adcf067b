export interface QueueTiming {
  /** The length of a long poll, at most 20. */
  readonly waitSeconds: number
  /** The backoff after a failed call. */
  readonly firstRetryMs: number
  readonly slowestRetryMs: number
  /** The backoff while the inbox takes nothing. */
  readonly firstStoreMs: number
  readonly slowestStoreMs: number
}

export const sqsTiming: QueueTiming = {
  waitSeconds: 20, // the longest that SQS allows: the fewest calls, which cost money
  firstRetryMs: 500,
  slowestRetryMs: 30_000,
  firstStoreMs: 250,
  slowestStoreMs: 5_000,
}
