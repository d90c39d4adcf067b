/** Waits that can be cut short. A ring that nobody hears is heard by the next who waits. */
export interface Bell {
  ring(): void
  /** Resolves after `ms`, or with the next ring. One waits at a time. */
  wait(ms: number): Promise<void>
}

/** Of a timer. */
const longestMs = 2_147_483_647

export function createBell(): Bell {
  let rung = false
  let wake: (() => void) | undefined
  return {
    ring: () => {
      rung = true
      wake?.()
    },
    wait: async (ms) => {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.min(ms, longestMs))
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
        wake = undefined
      }
      rung = false
    },
  }
}
