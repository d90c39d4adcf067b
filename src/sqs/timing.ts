export interface QueueTiming {
  /** The length of a long poll, at most 20. */
  readonly waitSeconds: number
  /** How long a connection to SQS, or the proxy, may take. */
  readonly connectTimeoutMs: number
  /** How long the AWS SDK may search for credentials. */
  readonly credentialsTimeoutMs: number
  /** How long a call may take, from the search for credentials to the end of the answer; a long poll is added to it. */
  readonly callTimeoutMs: number
  /** The backoff after a failed call. */
  readonly firstRetryMs: number
  readonly slowestRetryMs: number
  /** The backoff between attempts to store messages that the inbox refuses. */
  readonly firstStoreMs: number
  readonly slowestStoreMs: number
}

export const sqsTiming: QueueTiming = {
  waitSeconds: 20, // the longest that SQS allows: the fewest calls, which cost money
  connectTimeoutMs: 5_000,
  credentialsTimeoutMs: 8_000,
  callTimeoutMs: 10_000,
  firstRetryMs: 500,
  slowestRetryMs: 30_000,
  firstStoreMs: 250,
  slowestStoreMs: 5_000,
}
