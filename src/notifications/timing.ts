/** Times in ms. */
export interface Timing {
  /** Silence after which the server is pinged. */
  readonly pingAfterMs: number
  /** Silence after which a socket counts as dead: two and a half heartbeats. */
  readonly deadAfterMs: number
  /** A channel is renewed after this share of its lifetime, or up to a tenth later, so that not all are renewed at once. */
  readonly renewAfter: number
  /** No channel is renewed sooner, whatever the server's clock says. */
  readonly shortestLifeMs: number
  /** The longest time that a replaced socket stays open beside the new one. */
  readonly overlapMs: number
  /** A socket that stayed open this long counts as a good start and resets the backoff. */
  readonly stableMs: number
  readonly firstRetryMs: number
  readonly slowestRetryMs: number
}

/** For Genesys Cloud: a heartbeat every 30 s, channels of 24 hours. */
export const genesysTiming: Timing = {
  pingAfterMs: 40_000,
  deadAfterMs: 75_000,
  renewAfter: 0.7,
  shortestLifeMs: 1_000,
  overlapMs: 10_000,
  stableMs: 10_000,
  firstRetryMs: 1_000,
  slowestRetryMs: 30_000,
}
