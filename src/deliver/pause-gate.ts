/** Until when nobody may call. The latest wish wins; nothing opens the gate early. Times are epoch ms. */
export interface PauseGate {
  pauseUntil(time: number): void
  isOpen(now: number): boolean
  /** undefined while open. */
  pausedUntil(now: number): number | undefined
}

export function createPauseGate(): PauseGate {
  let until = 0
  return {
    pauseUntil: (time) => {
      until = Math.max(until, time)
    },
    isOpen: (now) => now >= until,
    pausedUntil: (now) => (now >= until ? undefined : until),
  }
}
