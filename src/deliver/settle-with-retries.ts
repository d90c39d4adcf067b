import type { Claim, Inbox, Settlement } from '../inbox/inbox.ts'
import type { DeliveryLog } from './apply-answer.ts'

export interface RecordDeps {
  readonly inbox: Pick<Inbox, 'settle'>
  readonly log: DeliveryLog
  /** Whether the process ends now: what is not on record will be done again by the next one. */
  readonly givenUp: () => boolean
}

const againMs = 1_000

/**
 * Settles until it is on record: giving the claim back without would only send the same call again. False: it is not
 * on record, and the claim is void.
 */
export function createRecord({ inbox, log, givenUp }: RecordDeps) {
  return async (claim: Claim, settlement: Settlement): Promise<boolean> => {
    while (!givenUp()) {
      try {
        const settled = (await inbox.settle(claim, settlement)) === 'settled'
        if (!settled) log.warn({ ...claim.key }, 'lease ran out before the outcome was recorded')
        return settled
      } catch (error) {
        log.error({ code: 'store_unavailable', err: error }, 'outcome could not be recorded: trying again')
        await new Promise((resolve) => setTimeout(resolve, againMs))
      }
    }
    return false
  }
}
