/**
 * A clock that moves on at every reading, as a real one may: two readings of one decision never agree. `stepMs` says by
 * how much, ms; `now`: the clock underneath.
 */
export function movingClock(now: () => number, stepMs: () => number): () => number {
  let movedMs = 0
  return () => {
    movedMs += stepMs()
    return now() + movedMs
  }
}

/** Numbers from `least` to `most` that look random, the same in each run. */
export function steps(least: number, most: number, seed = 1): () => number {
  let state = seed
  return () => {
    state = (state * 16_807) % 2_147_483_647
    return least + (state % (most - least + 1))
  }
}
