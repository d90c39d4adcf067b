import { secondsUntilReset, spend, type WindowClock, type WindowUse } from './rate-window.ts'

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
