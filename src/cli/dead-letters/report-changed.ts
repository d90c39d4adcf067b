import { setTimeout as sleep } from 'node:timers/promises'
import type { Selection } from '../admin/answers.ts'
import type { Progress } from '../progress.ts'

const pollMs = 500

interface ReportOptions {
  readonly selection: Selection
  /** The dead letters in the inbox now. */
  readonly countDead: () => Promise<number>
  readonly progress: Progress
}

/** Does the work, and meanwhile reports how many dead letters the inbox has lost since its start. */
export async function reportChanged<T>(
  work: () => Promise<T>,
  { selection, countDead, progress }: ReportOptions,
): Promise<T> {
  const before = await countDead()
  const total = 'all' in selection ? before : undefined
  const finished = new AbortController()
  const reporting = (async () => {
    for (;;) {
      await sleep(pollMs, undefined, { signal: finished.signal }).catch(() => undefined)
      if (finished.signal.aborted) return
      // A failed count only misses one report: the work itself says what is wrong.
      const dead = await countDead().catch(() => undefined)
      // More than before if others died meanwhile.
      if (dead !== undefined) progress.update(Math.max(0, before - dead), total)
    }
  })()
  try {
    return await work()
  } finally {
    finished.abort()
    await reporting
  }
}
