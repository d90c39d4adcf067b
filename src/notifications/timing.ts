/** Times in ms. */
export interface Timing {
  /** Silence after which the server is asked for a sign of life. */
  readonly pingAfterMs: number
  /** Silence after which a socket counts as dead: two heartbeats and a half. */
  readonly deadAfterMs: number
  /** A channel is renewed after this share of its life, or up to a tenth of it later: not all at once. */
  readonly renewAfter: number
  /** No channel is renewed sooner, whatever the server's clock says. */
  readonly shortestLifeMs: number
  /** How long both sockets are heard when one takes the other's place, at most. */
  readonly overlapMs: number
  /** A socket that lasted this long had no bad start. */
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
