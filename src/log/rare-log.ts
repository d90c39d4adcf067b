import { LRUCache } from 'lru-cache'

export interface RareLogDeps {
  /** Ms that never jump. */
  readonly monotonic: () => number
}

/** Log lines of the same kind are at least this far apart. */
const logEveryMs = 60_000
/** Most kinds to track; beyond it, the least recent kind is dropped. */
const maxKinds = 1_000

/** Calls `write` unless it wrote a line of this kind within the last minute. `count`: this one and those not written before. */
export type RareLog = (kind: string, write: (count: number) => void) => void

export function createRareLog({ monotonic }: RareLogDeps): RareLog {
  const kinds = new LRUCache<string, { readonly loggedAt: number; unlogged: number }>({ max: maxKinds })
  return (kind, write) => {
    const at = monotonic()
    const known = kinds.get(kind)
    if (known !== undefined && at - known.loggedAt < logEveryMs) {
      known.unlogged += 1
      return
    }
    kinds.set(kind, { loggedAt: at, unlogged: 0 })
    write(1 + (known?.unlogged ?? 0))
  }
}
