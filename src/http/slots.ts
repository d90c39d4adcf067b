/** Limits how many tasks of a kind run at the same time. The others wait in order. */
export interface Slots {
  /** Waits for a slot and returns the function that frees it. After an abort, it returns without a slot. */
  take(kind: string, signal: AbortSignal): Promise<() => void>
}

export function createSlots(slotsPerKind: number): Slots {
  const kinds = new Map<string, { taken: number; readonly waiting: Set<() => void> }>()
  return {
    take: (kind, signal) => {
      const slots = kinds.get(kind) ?? { taken: 0, waiting: new Set() }
      kinds.set(kind, slots)
      const free = (): void => {
        const [next] = slots.waiting
        if (next !== undefined) next()
        else if (slots.taken > 1) slots.taken -= 1
        else kinds.delete(kind)
      }
      if (slots.taken < slotsPerKind) {
        slots.taken += 1
        return Promise.resolve(free)
      }
      const { promise, resolve } = Promise.withResolvers<() => void>()
      const end = (release: () => void): void => {
        slots.waiting.delete(takeOver)
        signal.removeEventListener('abort', giveUp)
        resolve(release)
      }
      const takeOver = () => end(free)
      const giveUp = () => end(() => undefined)
      slots.waiting.add(takeOver)
      signal.addEventListener('abort', giveUp)
      if (signal.aborted) giveUp()
      return promise
    },
  }
}
