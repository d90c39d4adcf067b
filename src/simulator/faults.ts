import type { Fault } from './fault-input.ts'

export interface Faults {
  add(fault: Fault): void
  /** The first matching fault; decrements its `times`. */
  take(method: string, path: string): Fault | undefined
  /** Faults with remaining `times`, in order. */
  list(): readonly Fault[]
  clear(): void
}

/** Pending faults, in the order they were added. */
export function createFaults(): Faults {
  let faults: readonly Fault[] = []

  return {
    add(fault) {
      faults = [...faults, fault]
    },
    take(method, path) {
      const taken = faults.find((fault) => matches(fault, method, path))
      if (taken === undefined) return undefined
      faults = faults
        .map((fault) => (fault === taken ? { ...fault, times: fault.times - 1 } : fault))
        .filter((fault) => fault.times > 0)
      return taken
    },
    list: () => faults,
    clear() {
      faults = []
    },
  }
}

function matches({ match }: Fault, method: string, path: string): boolean {
  if (match?.method !== undefined && match.method !== method) return false
  if (match?.path === undefined) return true
  return match.path.endsWith('*') ? path.startsWith(match.path.slice(0, -1)) : path === match.path
}
