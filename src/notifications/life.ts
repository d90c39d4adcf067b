import type { Timing } from './timing.ts'

/** What Genesys Cloud gives a channel. */
const longestLifeMs = 86_400_000

export interface LifeInput {
  /** Epoch ms of the server's clock; undefined: not told. */
  readonly expiresAt: number | undefined
  /** Epoch ms of our clock: it may be hours wrong, which the early renewal allows for. */
  readonly now: number
  readonly timing: Pick<Timing, 'renewAfter' | 'shortestLifeMs' | 'overlapMs'>
  /** In [0, 1). */
  readonly chance: number
}

export interface Life {
  /** From now on. */
  readonly renewInMs: number
  /** How long the old socket is still heard when the new one is open. */
  readonly overlapMs: number
}

/** When a channel is to be renewed: well before it ends, so that there is time for failures. Pure. */
export function planLife({ expiresAt, now, timing, chance }: LifeInput): Life {
  const told = expiresAt === undefined ? longestLifeMs : expiresAt - now
  const lifeMs = told > 0 ? Math.min(told, longestLifeMs) : longestLifeMs // a clock that far off says nothing
  const renewInMs = Math.max(timing.shortestLifeMs, Math.round(lifeMs * (timing.renewAfter + chance / 10)))
  return { renewInMs, overlapMs: Math.min(timing.overlapMs, Math.max(0, (lifeMs - renewInMs) / 2)) }
}
