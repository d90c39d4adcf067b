import type { DeliveryPause, Inbox } from '../inbox/inbox.ts'

/** Stops all calls until an operator resumes delivery, also across restarts. Unlike the pause after a 429, it has no end. */
export interface OperatorPause {
  /** Reads the pause of an earlier process, or of another node. Until then, there is none. */
  load(): Promise<void>
  /** Undefined: delivery is not paused by an operator. */
  current(): DeliveryPause | undefined
  /** Pauses delivery, or changes the reason of the pause; without one, the reason stays. Resolves when the pause is durable. */
  pause(reason?: string): Promise<DeliveryPause>
  /** Resolves with the pause that it ended, if there was one. */
  resume(): Promise<DeliveryPause | undefined>
}

interface OperatorPauseDeps {
  readonly inbox: Pick<Inbox, 'deliveryPause' | 'setDeliveryPause' | 'nodes'>
  readonly now: () => number
  /** Called after each `resume`, also one on another node. */
  readonly onResumed?: () => void
}

export function createOperatorPause({ inbox, now, onResumed }: OperatorPauseDeps): OperatorPause {
  let current: DeliveryPause | undefined
  let turn: Promise<unknown> = Promise.resolve()
  async function set(next: DeliveryPause | undefined): Promise<void> {
    await inbox.setDeliveryPause(next)
    current = next
  }
  /** One at a time: what an earlier `load` read must not replace a later change. */
  function inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
    const result = turn.then(run)
    turn = result.catch(() => {})
    return result
  }
  const load = () =>
    inTurn(async () => {
      const was = current
      current = await inbox.deliveryPause()
      if (was !== undefined && current === undefined) onResumed?.()
    })
  inbox.nodes?.onPause(() => void load().catch(() => {})) // repeated with the next contact
  return {
    load,
    current: () => current,
    pause: (reason) =>
      inTurn(async () => {
        const next = { since: now(), ...current, ...(reason !== undefined && { reason }) }
        await set(next)
        return next
      }),
    resume: () =>
      inTurn(async () => {
        const ended = current
        if (ended !== undefined) await set(undefined)
        onResumed?.()
        return ended
      }),
  }
}
