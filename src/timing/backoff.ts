/** In [0, 1), like Math.random. */
export type Random = () => number

export interface BackoffInput {
  /** Failures so far, from 1. */
  readonly attempts: number
  readonly firstMs: number
  readonly slowestMs: number
  readonly random: Random
}

/**
 * Exponential with full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"), but never so short
 * that the attempts of one participant run hot.
 */
export function backoff({ attempts, firstMs, slowestMs, random }: BackoffInput): number {
  const ceiling = Math.min(slowestMs, firstMs * 2 ** Math.min(attempts - 1, 30))
  return Math.max(firstMs / 5, fullJitter(ceiling, random))
}

export const fullJitter = (ceilingMs: number, random: Random): number => Math.round(random() * ceilingMs)
