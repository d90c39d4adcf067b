/** A clock of back-to-back windows of one length, all tokens sharing the same edges. */
export interface WindowClock {
  /** Epoch milliseconds of the start of any one window; the others follow from it. */
  readonly originMs: number
  readonly windowMs: number
}

/** What one token has spent, and in which window. */
export interface WindowUse {
  /** Number of the window since `originMs` (negative before it). */
  readonly window: number
  readonly count: number
}

/**
 * Adds calls to what a token has used. A new window starts again from zero: a fixed window, not a sliding
 * one.
 */
export function spend(
  clock: WindowClock,
  use: WindowUse | undefined,
  calls: number,
  nowMs: number,
): WindowUse {
  const window = Math.floor((nowMs - clock.originMs) / clock.windowMs)
  const spentBefore = use?.window === window ? use.count : 0
  return { window, count: spentBefore + calls }
}

/**
 * Whole seconds until the current window resets: at least 1, at most the window rounded up.
 *
 * Rounded up, never down, so that who waits this long never comes early. How Genesys rounds is unverified; a
 * header published by Genesys shows 61 right after the start of a 60 s window, so it does not round down.
 */
export function secondsUntilReset(clock: WindowClock, nowMs: number): number {
  const window = Math.floor((nowMs - clock.originMs) / clock.windowMs)
  const resetsAtMs = clock.originMs + (window + 1) * clock.windowMs
  return Math.max(1, Math.ceil((resetsAtMs - nowMs) / 1000))
}
