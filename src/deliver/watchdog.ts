/**
 * Notices that a place in the limiter is waited for though nothing stands in the way: the limiter must have lost
 * it. Times are epoch ms. Pure bookkeeping; who asks does what is answered.
 */
export interface Watchdog {
  /** A place was had, or none was waited for. */
  progress(now: number): void
  /** `rebuild`: waited in vain for too long, make a new limiter; `wedged`: that did not help. */
  check(now: number): 'fine' | 'rebuild' | 'wedged'
  /** Nothing but a new process will help. Ends with the next progress. */
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
