export interface RateLimiterOptions {
  readonly allowed: number
  readonly windowMs: number
  /** Age of the first window at `startedAtMs`. */
  readonly phaseMs: number
  readonly startedAtMs: number
  /** Whether all tokens share one count. Default false. */
  readonly shared?: boolean
}

/** The state of a token's window: the values of the `inin-ratelimit-*` headers, and whether the limit is exceeded. */
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

/** Counts calls per token object, unless the tokens share one count; garbage collection of a token frees its count. */
export interface RateLimiter<Token extends object> {
  /** Adds calls to a token's count and returns its rate status. */
  count(token: Token, calls: number, nowMs: number): RateStatus
  /** Adds calls to the counts of these tokens. */
  spend(tokens: readonly Token[], calls: number, nowMs: number): void
  /** Whole seconds until the current window ends. */
  resetSeconds(nowMs: number): number
  /** Changes the limit. If `windowMs` is given, a new window starts for every token at `nowMs`. */
  change(limit: RateLimitChange, nowMs: number): RateLimit
}

/**
 * The platform's rate limit: fixed windows, the same for all tokens; each token has its own count, or all share one. Whether a call
 * refused with 429 counts is unverified; here it does, which is stricter.
 */
export function createRateLimiter<Token extends object>(options: RateLimiterOptions): RateLimiter<Token> {
  let allowed = options.allowed
  let grid: WindowGrid = { originMs: options.startedAtMs - options.phaseMs, windowMs: options.windowMs }
  let usageOf = new WeakMap<object, WindowUsage>()
  const allTokens = {}
  const holderOf = (token: Token): object => (options.shared ? allTokens : token)

  function add(holder: object, calls: number, nowMs: number): WindowUsage {
    const usage = addCalls(grid, usageOf.get(holder), calls, nowMs)
    usageOf.set(holder, usage)
    return usage
  }

  return {
    count(token, calls, nowMs) {
      const usage = add(holderOf(token), calls, nowMs)
      const resetSeconds = secondsUntilReset(grid, nowMs)
      return { count: usage.count, allowed, resetSeconds, exceeded: usage.count > allowed }
    },
    spend(tokens, calls, nowMs) {
      for (const holder of new Set(tokens.map(holderOf))) add(holder, calls, nowMs)
    },
    resetSeconds: (nowMs) => secondsUntilReset(grid, nowMs),
    change(limit, nowMs) {
      if (limit.windowMs !== undefined) {
        grid = { originMs: nowMs, windowMs: limit.windowMs }
        usageOf = new WeakMap()
      }
      allowed = limit.allowed ?? allowed
      return { allowed, windowMs: grid.windowMs }
    },
  }
}

/** Consecutive windows of equal length, shared by all tokens. */
export interface WindowGrid {
  /** Start of window 0, in epoch ms. */
  readonly originMs: number
  readonly windowMs: number
}

/** The calls of one token in one window. */
export interface WindowUsage {
  /** 0 for the window that starts at `originMs`, negative before it. */
  readonly windowIndex: number
  readonly count: number
}

/** The usage after some calls. A new window starts from zero: a fixed window, not a sliding one. */
export function addCalls(
  grid: WindowGrid,
  before: WindowUsage | undefined,
  calls: number,
  nowMs: number,
): WindowUsage {
  const windowIndex = windowIndexAt(grid, nowMs)
  const spent = before?.windowIndex === windowIndex ? before.count : 0
  return { windowIndex, count: spent + calls }
}

const windowIndexAt = (grid: WindowGrid, nowMs: number): number =>
  Math.floor((nowMs - grid.originMs) / grid.windowMs)

/**
 * Whole seconds until the current window resets: at least 1, at most the window rounded up.
 *
 * Rounded up, so a client that waits this long is never early. How Genesys rounds is unverified; a
 * header published by Genesys shows 61 right after the start of a 60 s window, so it does not round down. The simulator never
 * returns 61.
 */
export function secondsUntilReset(grid: WindowGrid, nowMs: number): number {
  const resetsAtMs = grid.originMs + (windowIndexAt(grid, nowMs) + 1) * grid.windowMs
  return Math.max(1, Math.ceil((resetsAtMs - nowMs) / 1000))
}
