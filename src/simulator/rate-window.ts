/** Consecutive windows of equal length, shared by all tokens. */
export interface WindowClock {
  /** Start of any one window, in epoch milliseconds. */
  readonly originMs: number
  readonly windowMs: number
}

/** The calls of one token in one window. */
export interface WindowUse {
  /** Number of the window since `originMs` (negative before it). */
  readonly window: number
  readonly count: number
}

/**
 * Adds calls to a token's use. A new window starts from zero: a fixed window, not a sliding
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
 * Rounded up, so a client that waits this long is never early. How Genesys rounds is unverified; a
 * header published by Genesys shows 61 right after the start of a 60 s window, so it does not round down.
 */
export function secondsUntilReset(clock: WindowClock, nowMs: number): number {
  const window = Math.floor((nowMs - clock.originMs) / clock.windowMs)
  const resetsAtMs = clock.originMs + (window + 1) * clock.windowMs
  return Math.max(1, Math.ceil((resetsAtMs - nowMs) / 1000))
}
