/** A wait that `wake` can end early. A wake while nobody waits ends the next wait. */
export interface WakeSignal {
  wake(): void
  /** Resolves after `ms`, or at the next wake. Only one caller may wait at a time. */
  wait(ms: number): Promise<void>
}

/** The longest delay of a Node.js timer. */
const longestTimerMs = 2_147_483_647

export function createWakeSignal(): WakeSignal {
  let woken = false
  let wake: (() => void) | undefined
  return {
    wake: () => {
      woken = true
      wake?.()
    },
    wait: async (ms) => {
      if (!woken) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.min(ms, longestTimerMs))
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
        wake = undefined
      }
      woken = false
    },
  }
}
