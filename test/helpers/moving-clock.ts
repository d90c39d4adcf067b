/**
 * A clock that advances by `stepMs()` on each reading, in addition to `now`, so two readings in one decision
 * always differ.
 */
export function movingClock(now: () => number, stepMs: () => number): () => number {
  let movedMs = 0
  return () => {
    movedMs += stepMs()
    return now() + movedMs
  }
}

/** Pseudo-random numbers from `min` to `max`, the same in each run. */
export function steps(min: number, max: number, seed = 1): () => number {
  let state = seed
  return () => {
    state = (state * 16_807) % 2_147_483_647
    return min + (state % (max - min + 1))
  }
}
