import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Polls until `check` returns a value that is neither undefined nor false, and resolves with it. The state must last.
 * The pauses grow, because many checks are requests that need CPU.
 * Rejects after `withinMs`, which is long enough for a busy machine.
 */
export async function until<T>(
  state: string,
  check: () => T | Promise<T>,
  withinMs = 60_000,
): Promise<Exclude<T, undefined | false>> {
  const deadline = Date.now() + withinMs
  for (let pauseMs = 10; ; pauseMs = Math.min(100, 1.2 * pauseMs)) {
    const value = await check()
    if (value !== undefined && value !== false) return value as Exclude<T, undefined | false>
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${state}`)
    await sleep(pauseMs)
  }
}
