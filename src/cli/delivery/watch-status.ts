import { setTimeout as sleep } from 'node:timers/promises'
import type { AdminClient } from '../admin-client.ts'
import { CommandFailure } from '../command-failure.ts'
import { formatTime } from '../format.ts'
import { escapeControls, print, printStyled } from '../output.ts'
import { withStopSignal } from '../stop-signal.ts'
import { formatStatus } from './format-status.ts'

const refreshMs = 2_000
const clearScreen = '\u001b[H\u001b[J'

/**
 * Prints the status every 2 seconds, until SIGINT or SIGTERM: in place on a terminal, one after the other elsewhere.
 * The first failure throws. Later ones are printed, because a service that restarts answers again.
 */
export const watchStatus = (client: AdminClient): Promise<void> =>
  withStopSignal(async (stopped) => {
    stopped.addEventListener('abort', () => client.close())
    show(await statusText(client))
    for (;;) {
      await sleep(refreshMs, undefined, { signal: stopped }).catch(() => undefined)
      const text = stopped.aborted ? '' : await statusText(client).catch(failureText)
      if (stopped.aborted) return
      show(text)
    }
  })

const statusText = async (client: AdminClient): Promise<string> =>
  formatStatus(await client.status(), Date.now())

function failureText(error: unknown): string {
  if (error instanceof CommandFailure)
    return `${escapeControls(error.parts.message)}\n${error.parts.remedy}\n`
  throw error
}

function show(text: string): void {
  if (process.stdout.isTTY) printStyled(clearScreen)
  print(`${formatTime(new Date().toISOString())}\n${text}\n`)
}
