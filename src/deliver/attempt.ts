import type { Decision, Need } from '../enrich/decision.ts'
import type { RuleSet } from '../enrich/evaluate.ts'
import type { Answer } from '../genesys/classify.ts'
import type { AttributeTarget } from '../genesys/genesys.ts'
import type { Claim, Inbox, Outcome, ParticipantKey, Retry, Settlement } from '../inbox/inbox.ts'
import type { Conversations } from './conversations.ts'
import {
  type Decided,
  type DecidedPending,
  decide,
  isSettleable,
  othersOf,
  ownChanges,
} from './decide-claim.ts'
import { type Merged, merge } from './merge.ts'
import { type Elsewhere, sendElsewhere } from './other-participants.ts'
import type { CallFailure } from './retry-policy.ts'
import { afterFailure, type SettlementDeps, together, verdicts } from './settlement.ts'
import { halvingsOf, inParts, partOf } from './split-rejected.ts'

/** What became of one claim, once it is on record. Holds names and codes; attribute values only in `sent`, which is never logged. */
export interface DeliveryReport {
  readonly claim: Claim
  /** In the order of `claim.events`. */
  readonly decisions: readonly Decision[]
  /** Whom the call set attributes on: mostly the participant of the claim. */
  readonly target: ParticipantKey
  readonly sent: Readonly<Record<string, string>>
  readonly answer: Answer | undefined
  readonly outcomes: readonly Outcome[]
  readonly retry: Retry | undefined
}

export interface AttemptDeps extends SettlementDeps {
  readonly inbox: Pick<Inbox, 'borrow'>
  /** The rules in force now. */
  readonly rules: () => RuleSet
  readonly conversations: Conversations
  readonly patchAttributes: (
    target: AttributeTarget,
    attributes: Readonly<Record<string, string>>,
  ) => Promise<Answer>
  /** Resolves when it is on record; false: it is not, and the claim is void. */
  readonly settle: (claim: Claim, settlement: Settlement) => Promise<boolean>
  readonly report: (report: DeliveryReport) => void
  /** How long a claim is held at most: longer than a call or a lookup, and than settling takes. */
  readonly leaseMs: number
}

export type Attempt =
  /** Nothing had to be sent; no call was made. `settled` is fulfilled when that is on record. */
  | { readonly kind: 'unsent'; readonly settled: Promise<void> }
  /** Something is being fetched, not from Genesys Cloud. `settled`: it is there, and the claim was given back. */
  | { readonly kind: 'waiting'; readonly settled: Promise<void> }
  | { readonly kind: 'called'; readonly answer: Answer; readonly settled: Promise<void> }

/**
 * Works on one claim: rules decide, changes are merged, at most one call, outcome recorded. What needs more calls (another
 * participant, a conversation to be read first) stays pending, and is claimed again for the next one.
 */
export async function attempt(whole: Claim, deps: AttemptDeps): Promise<Attempt> {
  const claim = { ...whole, events: partOf(whole) }
  const rules = deps.rules()
  const decided = decide(claim, rules, deps.conversations, deps.now())
  const { events } = decided
  const own = merge(ownChanges(events, claim.key.participantId), claim.known)
  const conclude = async (
    part: Settlement,
    answer?: Answer,
    call: Partial<Elsewhere> = {},
  ): Promise<void> => {
    const settlement = { ...(part.outcomes.length > 0 && goOn(whole, claim, deps.now())), ...part }
    if (!(await deps.settle(claim, settlement))) return
    deps.report({
      claim,
      decisions: events.map(({ decision }) => decision),
      target: call.target ?? claim.key,
      sent: call.sent ?? own.send,
      answer,
      outcomes: settlement.outcomes,
      retry: settlement.retry,
    })
  }

  if (own.carried.size > 0) {
    if (claim.key.participantId === '')
      return { kind: 'unsent', settled: conclude(withoutParticipant(decided, own)) }
    const answer = await deps.patchAttributes(claim.key, own.send)
    const settlement = afterOwnCall(answer, { claim, events, at: deps.now() }, own, deps)
    return { kind: 'called', answer, settled: conclude(settlement, answer) }
  }

  const elsewhere = await sendElsewhere(claim, events, deps)
  if (elsewhere?.answer !== undefined)
    return {
      kind: 'called',
      answer: elsewhere.answer,
      settled: conclude(elsewhere.settlement, elsewhere.answer, elsewhere),
    }

  if (elsewhere !== undefined) return { kind: 'unsent', settled: conclude(elsewhere.settlement) }

  const lookups = decided.needs.filter((need) => need.kind === 'lookup')
  if (decided.needs.length > lookups.length) {
    const answer = await deps.conversations.read(claim.key.conversationId)
    const asking = events.filter(({ decision }) => decision.needs.some(isConversation))
    const settlement =
      answer.kind === 'ok'
        ? { outcomes: [] }
        : afterFailure(answer, { claim, events: asking, at: deps.now() }, deps)
    return { kind: 'called', answer, settled: conclude(settlement, answer, { sent: {} }) }
  }
  if (lookups.length > 0) {
    const fetched = rules.fetch(lookups)
    return { kind: 'waiting', settled: fetched.then(() => conclude({ outcomes: [] })) }
  }

  const at = deps.now()
  const known = own.knownAfter(at)
  const settlement = { outcomes: unsent(events), ...(known.size > 0 && { known }) }
  return { kind: 'unsent', settled: conclude(together(settlement, blocked({ claim, events, at }, deps))) }
}

const isConversation = ({ kind }: Need): boolean => kind === 'conversation'

/** Where only a part of the claim was worked on: the rest follows. */
const goOn = (whole: Claim, part: Claim, now: number): Pick<Settlement, 'retry'> =>
  part.events.length < whole.events.length ? { retry: inParts(halvingsOf(whole) - 1, now) } : {}

/** Events with something to set, and nobody to set it on, are dead letters; the others had nothing to set. */
const withoutParticipant = ({ events }: Decided, merged: Merged): Settlement => ({
  outcomes: events
    .filter(isSettleable)
    .map(({ sequence }) =>
      merged.carried.has(sequence)
        ? { sequence, state: 'dead', code: 'participant_not_found' }
        : { sequence, state: 'unchanged' },
    ),
})

/** Decided events of a claim, and the time (epoch ms) at which their outcome became known. */
interface DecidedEvents {
  readonly claim: Claim
  readonly events: readonly DecidedPending[]
  readonly at: number
}

/** Events that set something elsewhere too stay pending for that. */
function afterOwnCall(
  answer: Answer,
  { claim, events, at }: DecidedEvents,
  merged: Merged,
  deps: AttemptDeps,
): Settlement {
  const isDone = (event: DecidedPending) =>
    isSettleable(event) && othersOf(event, claim.key.participantId).length === 0
  const uncarried = events.filter((event) => isDone(event) && !merged.carried.has(event.sequence))
  const unchanged = uncarried.map(({ sequence }): Outcome => ({ sequence, state: 'unchanged' }))
  if (answer.kind !== 'ok') {
    const carried = events.filter(({ sequence }) => merged.carried.has(sequence))
    const settlement = afterFailure(answer, { claim, events: carried, at }, deps)
    if (settlement.outcomes.length < carried.length) return settlement
    const known = merged.knownUnsent()
    return together(settlement, { outcomes: unchanged, ...(known.size > 0 && { known }) })
  }
  const applied = events.filter((event) => isDone(event) && merged.carried.has(event.sequence))
  return {
    outcomes: [...applied.map(({ sequence }): Outcome => ({ sequence, state: 'applied' })), ...unchanged],
    known: merged.knownAfter(at),
  }
}

/** Nothing is left to send: what set something on several participants has been applied one by one. */
const unsent = (events: readonly DecidedPending[]): Outcome[] =>
  events.filter(isSettleable).map(({ sequence, decision }) => ({
    sequence,
    state: decision.changes.length > 1 ? 'applied' : 'unchanged',
  }))

/** What was not there or failed is looked for again later, or never. */
function blocked({ claim, events, at }: DecidedEvents, deps: AttemptDeps): Settlement {
  let settlement: Settlement = { outcomes: [] }
  for (const kind of ['participant_not_found', 'lookup_failed'] as const) {
    const affected = events.filter(({ decision }) => decision.blocked[0]?.code === kind)
    const rules = new Set(affected.flatMap(({ decision }) => decision.blocked.map(({ rule }) => rule)))
    const answer: CallFailure = { kind, detail: `rules: ${[...rules].join(', ')}` }
    if (affected.length > 0)
      settlement = together(settlement, verdicts(answer, { claim, events: affected, at }, deps))
  }
  return settlement
}
