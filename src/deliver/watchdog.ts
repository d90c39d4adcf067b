/**
 * Notices that a slot waits for the limiter despite free budget: the limiter must have lost it. Times are epoch ms. Pure
 * bookkeeping; the caller acts on the verdict.
 */
export interface Watchdog {
  /** A slot was admitted, or none waits. */
  progress(now: number): void
  /** `rebuild`: the slot waited too long, replace the limiter; `wedged`: a new limiter did not help. */
  check(now: number): 'fine' | 'rebuild' | 'wedged'
  /** Only a restart of the process helps. Ends with the next progress. */
  isWedged(): boolean
}

export function createWatchdog({ patienceMs, now }: { patienceMs: number; now: number }): Watchdog {
  let since = now
  let rebuilt = false
  let wedged = false
  return {
    progress: (at) => {
      since = at
      rebuilt = false
      wedged = false
    },
    check: (at) => {
      if (at - since < patienceMs) return 'fine'
      since = at
      if (!rebuilt) {
        rebuilt = true
        return 'rebuild'
      }
      wedged = true
      return 'wedged'
    },
    isWedged: () => wedged,
  }
}
