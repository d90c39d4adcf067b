/** A wait that can be ended early. A wake that comes while nothing waits ends the next wait. */
export interface WakeSignal {
  wake(): void
  /** Resolves after `ms`, or with the next wake. Only one caller waits at a time. */
  wait(ms: number): Promise<void>
}

/** The longest delay of a Node.js timer. */
const longestMs = 2_147_483_647

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
          const timer = setTimeout(resolve, Math.min(ms, longestMs))
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
