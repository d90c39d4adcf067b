import type { Claim, Inbox, Settlement } from '../inbox/inbox.ts'
import type { DeliveryLog } from './apply-answer.ts'

export interface SettleDeps {
  readonly inbox: Pick<Inbox, 'settle'>
  readonly log: DeliveryLog
  /** Whether the process ends now: the next one repeats what is not recorded. */
  readonly aborted: () => boolean
}

const retryMs = 1_000

/**
 * Settles a claim and repeats that until the outcome is recorded: without it the same call would be made again. Resolves
 * with false if it is not recorded and the claim is void.
 */
export function createSettleWithRetries({ inbox, log, aborted }: SettleDeps) {
  return async (claim: Claim, settlement: Settlement): Promise<boolean> => {
    while (!aborted()) {
      try {
        const settled = (await inbox.settle(claim, settlement)) === 'settled'
        if (!settled) log.warn({ ...claim.key }, 'lease expired before the outcome was recorded')
        return settled
      } catch (error) {
        log.error({ code: 'store_unavailable', err: error }, 'outcome not recorded, retrying')
        await new Promise((resolve) => setTimeout(resolve, retryMs))
      }
    }
    return false
  }
}
