import type { Answer } from '../genesys/classify.ts'
import type { Genesys } from '../genesys/genesys.ts'
import type { Claim, Inbox, Settlement } from '../inbox/inbox.ts'
import { type DecidedPending, isSettleable, otherChanges, othersOf } from './decide-claim.ts'
import { merge } from './merge.ts'
import type { CallMade } from './outcome-records.ts'
import { afterFailure, outcomesOf, type SettlementDeps } from './settlement.ts'

export interface OtherParticipantsDeps extends SettlementDeps {
  readonly inbox: Pick<Inbox, 'borrow'>
  readonly patchAttributes: Genesys['patchAttributes']
  /** Resolves when the settlement is recorded; false: it is not, and the claim is void. */
  readonly settle: (claim: Claim, settlement: Settlement) => Promise<boolean>
  /** The longest time that a claim is held: longer than a call, a lookup and settling together take. */
  readonly leaseMs: number
}

export type OtherPatch =
  | {
      readonly call: CallMade
      readonly answer: Answer
      /** For the claim of the events. */
      readonly settlement: Settlement
    }
  /** No call was made, because another claim holds the participant. */
  | { readonly answer?: undefined; readonly settlement: Settlement }
  /** No call was needed: no other participant is left. `outranked`: as of `Merged`. */
  | {
      readonly answer?: undefined
      readonly settlement?: undefined
      readonly outranked: ReadonlySet<number>
    }

/** The other claim holds the participant for about as long as a call takes. */
const retryMs = 100

/**
 * Sets the attributes that the events decided for another participant than that of the claim; one participant for each call.
 * Borrows that participant, so that two PATCHes of one participant never overlap.
 */
export async function patchOtherParticipant(
  claim: Claim,
  events: readonly DecidedPending[],
  deps: OtherParticipantsDeps,
): Promise<OtherPatch> {
  const { conversationId, participantId } = claim.key
  let busy: OtherPatch | undefined
  const outranked = new Set<number>()
  for (const id of new Set(events.flatMap((event) => othersOf(event, participantId)))) {
    const target = { conversationId, participantId: id }
    const borrowed = await deps.inbox.borrow({ key: target, leaseMs: deps.leaseMs })
    if (borrowed === undefined) {
      busy ??= { settlement: later(claim, deps) }
      continue
    }
    const merged = merge(otherChanges(events, id), borrowed.known)
    if (merged.carried.size === 0) {
      const known = merged.knownAfter(deps.now())
      for (const sequence of merged.outranked) outranked.add(sequence)
      await deps.settle(borrowed, { outcomes: [], ...(known.size > 0 && { known }) })
      continue
    }
    const answer = await deps.patchAttributes(target, merged.send)
    const at = deps.now()
    const ok = answer.kind === 'ok'
    await deps.settle(borrowed, { outcomes: [], ...(ok && { known: merged.knownAfter(at) }) })
    const carried = events.filter(({ sequence }) => merged.carried.has(sequence))
    const call = { target, sent: merged.send, attempted: merged.carried }
    if (!ok) return { call, answer, settlement: afterFailure(answer, { claim, events: carried, at }, deps) }
    const done = carried.filter(
      (event) => isSettleable(event) && othersOf(event, participantId).every((other) => other === id),
    )
    return { call, answer, settlement: { outcomes: outcomesOf(done, 'applied') } }
  }
  return busy ?? { outranked }
}

const later = ({ failure }: Claim, { now }: SettlementDeps): Settlement => ({
  outcomes: [],
  retry: { dueAt: now() + retryMs, failure: failure ?? { code: 'participant_busy', attempts: 0 } },
})
