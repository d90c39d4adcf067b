import type { GroupCommit } from './group-commit.ts'
import type { LazyIndex } from './lazy-index.ts'

/** When the indexes that lag behind are written down: when it is quiet, or when they hold too much. */
export interface WriteDown {
  /** Something was written: it is not quiet. */
  busy(): void
  /** Keeps within bounds what is held in memory; to be run inside each transaction that adds to it. */
  trim(): void
  stop(): void
}

/** A few hundred bytes each: so much of a burst is taken without touching the indexes. */
const maxHeld = 32_768
const quietMs = 1_000
/** Few enough for their commit to hold up nobody. */
const rowsPerCommit = 256

export function createWriteDown(commits: GroupCommit, indexes: readonly LazyIndex[]): WriteDown {
  const timer = setTimeout(() => void whileQuiet(), quietMs).unref()
  let writes = 0
  let stopped = false

  async function whileQuiet(): Promise<void> {
    const seen = writes
    try {
      while (!stopped && writes === seen && indexes.some(({ held }) => held > 0)) {
        await commits.write(() => {
          for (const index of indexes) index.writeDown(rowsPerCommit)
        })
      }
    } catch {
      // The disk is full, or failing: whoever writes next is told, and the rows are still held.
    }
  }

  return {
    busy: () => {
      writes += 1
      timer.refresh()
    },
    trim: () => {
      for (const index of indexes) if (index.held > maxHeld) index.writeDown(index.held - maxHeld)
    },
    stop: () => {
      stopped = true
      clearTimeout(timer)
    },
  }
}
