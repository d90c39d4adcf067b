import { createBell } from '../timing/wake-signal.ts'
import type { NotificationsLog } from './status.ts'
import type { Line, OpenResult } from './subscription.ts'
import { maxChannels } from './topics.ts'
import { codeOf } from './trouble.ts'

/** Keeps every line open. One channel is opened at a time: calls are few, and one channel more than lines is enough. */
export interface Keeper {
  start(): void
  /** A line has something to tell. */
  look(): void
  /** Ends every socket and opens none until `release`. */
  hold(): void
  release(): void
  /** Closes every socket. What is under way is waited for. Idempotent. */
  stop(): Promise<void>
}

export interface KeeperDeps {
  readonly lines: readonly Line[]
  readonly log: NotificationsLog
  readonly monotonic: () => number
}

export function createKeeper({ lines, log, monotonic }: KeeperDeps): Keeper {
  const bell = createBell()
  const giveUp = new AbortController()
  let running: Promise<void> | undefined
  let held = false
  /** For all: a pause that the API asked for, or credentials that are as bad for the next line. */
  let pausedUntil = 0

  async function run(): Promise<void> {
    while (!giveUp.signal.aborted) {
      const next = mostUrgent(lines, monotonic())
      const waitMs = held || next === undefined ? Infinity : Math.max(next.dueAt, pausedUntil) - monotonic()
      if (next === undefined || waitMs > 0) await bell.wait(waitMs)
      else {
        await makeRoom()
        learn(await next.line.open(giveUp.signal))
      }
      if (held) cutAll() // what was being opened meanwhile
    }
  }

  /** One channel more than there may be would end another: rather a shorter overlap than a gap. */
  async function makeRoom(): Promise<void> {
    const sockets = lines
      .map((line) => line.state())
      .reduce((sum, { connected, retiring }) => sum + (connected ? 1 : 0) + retiring, 0)
    if (sockets > maxChannels) await Promise.all(lines.map((line) => line.closeRetired()))
  }

  function learn(result: OpenResult): void {
    if (result.kind === 'open' || giveUp.signal.aborted) return
    const { why, cause, waitMs } = result
    if (why === 'rate_limited' || why === 'credentials_refused') pausedUntil = monotonic() + waitMs
    log.warn(
      { code: codeOf(why), why, cause, waitMs },
      'notification channel could not be opened: again later',
    )
  }

  const cutAll = (): void => {
    for (const line of lines) line.cut()
  }

  return {
    start: () => {
      running ??= run()
    },
    look: bell.ring,
    hold: () => {
      held = true
      cutAll()
    },
    release: () => {
      held = false
      bell.ring()
    },
    stop: async () => {
      giveUp.abort()
      bell.ring()
      await Promise.all(lines.map((line) => line.close()))
      await running
      await Promise.all(lines.map((line) => line.close())) // what was being opened meanwhile
    },
  }
}

/** What is down goes before what is only to be renewed, then the one that waits longest. Pure. */
export function mostUrgent(
  lines: readonly Line[],
  now: number,
): { readonly line: Line; readonly dueAt: number } | undefined {
  const needs = lines.map((line) => ({ line, ...line.need() }))
  const due = needs.filter(({ dueAt }) => dueAt <= now)
  const candidates = due.length > 0 ? due : needs
  return candidates.reduce<(typeof needs)[number] | undefined>((best, need) => {
    if (best === undefined) return need
    if (due.length > 0 && best.down !== need.down) return need.down ? need : best
    return need.dueAt < best.dueAt ? need : best
  }, undefined)
}
