import { setTimeout as sleep } from 'node:timers/promises'
import { count } from '../format.ts'
import type { Progress } from '../progress.ts'

const pollMs = 1_000

/** Waits for the work, and meanwhile reports every second how many dead letters are left. */
export async function reportLeft<T>(
  work: Promise<T>,
  countDead: () => Promise<number>,
  progress: Progress,
): Promise<T> {
  const finished = new AbortController()
  const reporting = report(countDead, finished.signal, progress)
  try {
    return await work
  } finally {
    finished.abort()
    await reporting
  }
}

async function report(
  countDead: () => Promise<number>,
  finished: AbortSignal,
  progress: Progress,
): Promise<void> {
  for (;;) {
    await sleep(pollMs, undefined, { signal: finished }).catch(() => undefined)
    if (finished.aborted) return
    // A failed count only misses one report: the work itself says what is wrong.
    const dead = await countDead().catch(() => undefined)
    if (dead !== undefined) progress.update(`${count(dead, 'dead letter')} left in the inbox`)
  }
}
