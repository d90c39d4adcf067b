import type { Answer } from '../genesys/classify.ts'
import type { AttributeTarget } from '../genesys/genesys.ts'
import type { Claim, Inbox, ParticipantKey, Settlement } from '../inbox/inbox.ts'
import { changesElsewhere, type DecidedPending, isSettleable, othersOf } from './decide-claim.ts'
import { merge } from './merge.ts'
import { afterFailure, type SettlementDeps } from './settlement.ts'

export interface ElsewhereDeps extends SettlementDeps {
  readonly inbox: Pick<Inbox, 'borrow'>
  readonly patchAttributes: (
    target: AttributeTarget,
    attributes: Readonly<Record<string, string>>,
  ) => Promise<Answer>
  readonly settle: (claim: Claim, settlement: Settlement) => Promise<boolean>
  readonly leaseMs: number
}

export interface Elsewhere {
  readonly target: ParticipantKey
  readonly sent: Readonly<Record<string, string>>
  /** Undefined: no call was made, since the participant is held by another claim. */
  readonly answer: Answer | undefined
  /** For the claim whose events these are. */
  readonly settlement: Settlement
}

/** The other claim has the participant for about as long as a call takes. */
const againMs = 100

/**
 * Sets what the events decided for another participant than the one they are claimed by; one participant each time.
 * That one is borrowed for the call, so that two PATCHes of one participant never overlap. Undefined: there is nothing to
 * send elsewhere.
 */
export async function sendElsewhere(
  claim: Claim,
  events: readonly DecidedPending[],
  deps: ElsewhereDeps,
): Promise<Elsewhere | undefined> {
  const { conversationId, participantId } = claim.key
  let busy: Elsewhere | undefined
  for (const id of new Set(events.flatMap((event) => othersOf(event, participantId)))) {
    const target = { conversationId, participantId: id }
    const borrowed = await deps.inbox.borrow({ key: target, leaseMs: deps.leaseMs })
    if (borrowed === undefined) {
      busy ??= { target, sent: {}, answer: undefined, settlement: later(claim, deps) }
      continue
    }
    const merged = merge(changesElsewhere(events, id), borrowed.known)
    if (merged.carried.size === 0) {
      const known = merged.knownAfter(deps.now())
      await deps.settle(borrowed, { outcomes: [], ...(known.size > 0 && { known }) })
      continue
    }
    const answer = await deps.patchAttributes(target, merged.send)
    const at = deps.now()
    const ok = answer.kind === 'ok'
    await deps.settle(borrowed, { outcomes: [], ...(ok && { known: merged.knownAfter(at) }) })
    const carried = events.filter(({ sequence }) => merged.carried.has(sequence))
    if (!ok)
      return {
        target,
        sent: merged.send,
        answer,
        settlement: afterFailure(answer, { claim, events: carried, at }, deps),
      }
    const done = carried.filter(
      (event) => isSettleable(event) && othersOf(event, participantId).every((other) => other === id),
    )
    const outcomes = done.map(({ sequence }) => ({ sequence, state: 'applied' }) as const)
    return { target, sent: merged.send, answer, settlement: { outcomes } }
  }
  return busy
}

const later = ({ failure }: Claim, { now }: SettlementDeps): Settlement => ({
  outcomes: [],
  retry: { dueAt: now() + againMs, failure: failure ?? { code: 'participant_busy', attempts: 0 } },
})
