import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Waits for a state that lasts: resolves with the first value that is neither undefined nor false; rejects after `withinMs`,
 * which is far more than it takes on a machine that is busy with other things.
 */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  withinMs = 60_000,
): Promise<Exclude<T, undefined | false>> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const value = await look()
    if (value !== undefined && value !== false) return value as Exclude<T, undefined | false>
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`)
    await sleep(10)
  }
}
