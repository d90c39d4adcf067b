import { setTimeout as delay } from 'node:timers/promises'

/** Waits for `ms`, or until the signal aborts. Never rejects. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).catch(() => undefined)
