export interface RateLimiterOptions {
  readonly allowed: number
  readonly windowMs: number
  /** Age of the first window at `startedAtMs`. */
  readonly phaseMs: number
  readonly startedAtMs: number
}

/** The values of the `inin-ratelimit-*` headers for a token. */
export interface RateStatus {
  /** Calls in this window, including those refused with 429, so it may exceed `allowed`. */
  readonly count: number
  readonly allowed: number
  readonly resetSeconds: number
  readonly exceeded: boolean
}

export interface RateLimit {
  readonly allowed: number
  readonly windowMs: number
}

/** Omitted values stay unchanged. */
export interface RateLimitChange {
  readonly allowed?: number | undefined
  readonly windowMs?: number | undefined
}

/** Counts calls per token object; garbage collection of a token frees its count. */
export interface RateLimiter<Token extends object> {
  /** Adds calls to a token's count and returns its rate status. */
  count(token: Token, calls: number, nowMs: number): RateStatus
  resetSeconds(nowMs: number): number
  /** Changes the limit. A new window length starts a new window for every token at `nowMs`. */
  change(limit: RateLimitChange, nowMs: number): RateLimit
}

/**
 * The platform's rate limit: a fixed window per token. Whether a call refused with 429 counts is
 * unverified; here it does, which is stricter.
 */
export function createRateLimiter<Token extends object>(options: RateLimiterOptions): RateLimiter<Token> {
  let allowed = options.allowed
  let clock: WindowClock = { originMs: options.startedAtMs - options.phaseMs, windowMs: options.windowMs }
  let uses = new WeakMap<Token, WindowUse>()

  return {
    count(token, calls, nowMs) {
      const use = spend(clock, uses.get(token), calls, nowMs)
      uses.set(token, use)
      const resetSeconds = secondsUntilReset(clock, nowMs)
      return { count: use.count, allowed, resetSeconds, exceeded: use.count > allowed }
    },
    resetSeconds: (nowMs) => secondsUntilReset(clock, nowMs),
    change(limit, nowMs) {
      if (limit.windowMs !== undefined) {
        clock = { originMs: nowMs, windowMs: limit.windowMs }
        uses = new WeakMap()
      }
      allowed = limit.allowed ?? allowed
      return { allowed, windowMs: clock.windowMs }
    },
  }
}

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

/** Adds calls to a token's use. A new window starts from zero: a fixed window, not a sliding one. */
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
