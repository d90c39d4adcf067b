import type { ServerResponse } from 'node:http'

/**
 * Waits `delayMs`, or until the client hangs up: then there is nobody to wait for, and the call runs on at
 * once. So a client that gave up and comes again never overlaps with its own earlier call.
 */
export function pause(delayMs: number, response: ServerResponse): Promise<void> {
  if (delayMs <= 0 || response.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer)
      response.off('close', finish)
      resolve()
    }
    const timer = setTimeout(finish, delayMs)
    response.once('close', finish)
  })
}
