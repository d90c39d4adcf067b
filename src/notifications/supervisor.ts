import { createWakeSignal } from '../timing/wake-signal.ts'
import { codeOf, type NotificationsLog } from './status.ts'
import type { OpenResult, Subscription } from './subscription.ts'
import { maxChannels } from './topics.ts'

export interface SupervisorDeps {
  readonly subscriptions: readonly Subscription[]
  readonly log: NotificationsLog
  readonly monotonic: () => number
}

export type Supervisor = ReturnType<typeof createSupervisor>

/** Keeps every subscription open. It opens one channel at a time, so that one channel more than subscriptions is enough. */
export function createSupervisor({ subscriptions, log, monotonic }: SupervisorDeps) {
  const signal = createWakeSignal()
  const giveUp = new AbortController()
  let running: Promise<void> | undefined
  let held = false
  /** For all subscriptions: after a 429 or refused credentials. */
  let pausedUntil = 0

  async function run(): Promise<void> {
    while (!giveUp.signal.aborted) {
      const next = mostUrgent(subscriptions, monotonic())
      const waitMs = held || next === undefined ? Infinity : Math.max(next.dueAt, pausedUntil) - monotonic()
      if (next === undefined || waitMs > 0) await signal.wait(waitMs)
      else {
        await makeRoom()
        noteResult(await next.subscription.open(giveUp.signal))
      }
      if (held) cutAll() // also one that was being opened
    }
  }

  /** A channel too many would end another one: a shorter overlap is better than a gap. */
  async function makeRoom(): Promise<void> {
    const sockets = subscriptions
      .map((subscription) => subscription.state())
      .reduce((sum, { connected, retiring }) => sum + (connected ? 1 : 0) + retiring, 0)
    if (sockets > maxChannels)
      await Promise.all(subscriptions.map((subscription) => subscription.closeRetired()))
  }

  function noteResult(result: OpenResult): void {
    if (result.kind === 'open' || giveUp.signal.aborted) return
    const { why, cause, waitMs } = result
    if (why === 'rate_limited' || why === 'credentials_refused') pausedUntil = monotonic() + waitMs
    log.warn({ code: codeOf(why), why, cause, waitMs }, 'notification channel not opened, retrying')
  }

  const cutAll = (): void => {
    for (const subscription of subscriptions) subscription.cut()
  }

  return {
    start: (): void => {
      running ??= run()
    },
    /** Call it when a subscription has changed. */
    look: signal.wake,
    /** Terminates every socket and opens none until `release`. */
    hold: (): void => {
      held = true
      cutAll()
    },
    release: (): void => {
      held = false
      signal.wake()
    },
    /** Closes every socket and waits for calls under way. Idempotent. */
    stop: async (): Promise<void> => {
      giveUp.abort()
      signal.wake()
      await Promise.all(subscriptions.map((subscription) => subscription.close()))
      await running
      await Promise.all(subscriptions.map((subscription) => subscription.close())) // also one that was being opened
    },
  }
}

/** A subscription that is down comes before one that is due for renewal; then the one that has waited longest. Pure. */
export function mostUrgent(
  subscriptions: readonly Subscription[],
  now: number,
): { readonly subscription: Subscription; readonly dueAt: number } | undefined {
  const needs = subscriptions.map((subscription) => ({ subscription, ...subscription.need() }))
  const byDueAt = needs.sort((one, other) => one.dueAt - other.dueAt)
  const due = byDueAt.filter(({ dueAt }) => dueAt <= now)
  return due.find(({ down }) => down) ?? due[0] ?? byDueAt[0]
}
