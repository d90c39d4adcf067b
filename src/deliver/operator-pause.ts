import type { DeliveryPause, Inbox } from '../inbox/inbox.ts'

/** Stops all calls until an operator resumes delivery, also across restarts. Unlike the pause after a 429, it has no end. */
export interface OperatorPause {
  /** Reads the pause of an earlier process. Until then, there is none. */
  load(): Promise<void>
  /** Undefined: delivery is not paused by an operator. */
  current(): DeliveryPause | undefined
  /** Pauses delivery, or changes the reason of the pause; without one, the reason stays. Resolves when the pause is durable. */
  pause(reason?: string): Promise<DeliveryPause>
  /** Resolves with the pause that it ended, if there was one. */
  resume(): Promise<DeliveryPause | undefined>
}

interface OperatorPauseDeps {
  readonly inbox: Pick<Inbox, 'deliveryPause' | 'setDeliveryPause'>
  readonly now: () => number
  /** Called after each `resume`. */
  readonly onResumed?: () => void
}

export function createOperatorPause({ inbox, now, onResumed }: OperatorPauseDeps): OperatorPause {
  let current: DeliveryPause | undefined
  async function set(next: DeliveryPause | undefined): Promise<void> {
    await inbox.setDeliveryPause(next)
    current = next
  }
  return {
    load: async () => {
      current = await inbox.deliveryPause()
    },
    current: () => current,
    pause: async (reason) => {
      const next = { since: now(), ...current, ...(reason !== undefined && { reason }) }
      await set(next)
      return next
    },
    resume: async () => {
      const ended = current
      if (ended !== undefined) await set(undefined)
      onResumed?.()
      return ended
    },
  }
}
