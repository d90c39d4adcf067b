import { secondsUntilReset, spend, type WindowClock, type WindowUse } from './rate-window.ts'

export interface RateLimiterOptions {
  readonly allowed: number
  readonly windowMs: number
  /** How much of the first window has passed already at `startedAtMs`. */
  readonly phaseMs: number
  readonly startedAtMs: number
}

/** Where a token stands in its window, as the `inin-ratelimit-*` headers tell it. */
export interface RateStanding {
  /** Calls in this window, those refused with 429 included: may exceed `allowed`. */
  readonly count: number
  readonly allowed: number
  readonly resetSeconds: number
  readonly exceeded: boolean
}

export interface RateLimit {
  readonly allowed: number
  readonly windowMs: number
}

/** What is left out stays as it is. */
export interface RateLimitChange {
  readonly allowed?: number | undefined
  readonly windowMs?: number | undefined
}

/** Counts calls per token. `Token` is any object; what is known of it goes when it is collected. */
export interface RateLimiter<Token extends object> {
  /** Counts calls of a token and tells where that leaves it. */
  count(token: Token, calls: number, nowMs: number): RateStanding
  resetSeconds(nowMs: number): number
  /** Changes the limit. A new window length opens a fresh window for every token at `nowMs`. */
  change(limit: RateLimitChange, nowMs: number): RateLimit
}

/**
 * The rate limit of the platform: a fixed window per token. Whether a call refused with 429 counts is
 * unverified; it does here, the stricter side.
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
