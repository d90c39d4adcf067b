/** In [0, 1), like Math.random. */
export type Random = () => number

/** Longer Retry-After values are cut: an absurd one must not stop calls for days. */
export const maxPauseMs = 3_600_000

export interface BackoffInput {
  /** Number of failures so far, at least 1. */
  readonly attempts: number
  readonly firstMs: number
  readonly slowestMs: number
  readonly random: Random
}

/**
 * Exponential backoff with full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"), in ms. The result
 * is at least a fifth of `firstMs`, so that no attempts follow each other without a pause.
 */
export function backoff({ attempts, firstMs, slowestMs, random }: BackoffInput): number {
  const ceiling = Math.min(slowestMs, firstMs * 2 ** Math.min(attempts - 1, 30))
  return Math.max(firstMs / 5, fullJitter(ceiling, random))
}

export const fullJitter = (ceilingMs: number, random: Random): number => Math.round(random() * ceilingMs)
