/**
 * Notices that a job waits for the limiter despite free budget: the limiter must have lost it. Only keeps times (epoch ms); the
 * caller acts on the verdict.
 */
export interface Watchdog {
  /** The limiter admitted a job, or no job waits despite free budget. */
  progress(at: number): void
  /**
   * `rebuild`: no progress for too long; `wedged`: nor with the new limiter since then. The caller replaces the limiter for
   * both.
   */
  check(at: number): 'fine' | 'rebuild' | 'wedged'
  /** Whether a new limiter did not help, and there was no progress since: then a restart of the process should help. */
  isWedged(): boolean
}

export function createWatchdog(deps: { readonly patienceMs: number; readonly startedAt: number }): Watchdog {
  /** The last progress or verdict. */
  let waitingSince = deps.startedAt
  let rebuilt = false
  let wedged = false
  return {
    progress: (at) => {
      waitingSince = at
      rebuilt = false
      wedged = false
    },
    check: (at) => {
      if (at - waitingSince < deps.patienceMs) return 'fine'
      waitingSince = at
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
