import type { Answer } from '../genesys/classify.ts'
import type { Claim, Outcome, ParticipantKey, Retry, Settlement } from '../inbox/inbox.ts'
import type { Decision } from '../rules/decision.ts'
import type { RuleSet } from '../rules/evaluate.ts'
import type { Conversations } from './conversations.ts'
import { type DecidedPending, decideClaim, isSettleable, othersOf, ownChanges } from './decide-claim.ts'
import { type Merged, merge } from './merge.ts'
import { type OtherParticipantsDeps, patchOtherParticipant } from './other-participants.ts'
import { type CallMade, withRecords } from './outcome-records.ts'
import type { CallFailure } from './retry-policy.ts'
import {
  afterFailure,
  type EventsOfClaim,
  halvingsOf,
  mergeSettlements,
  outcomesOf,
  partOf,
  retryInParts,
  retryOrDeadLetter,
} from './settlement.ts'

/** The recorded result of one attempt. Holds names and codes; attribute values only in `sent`, which is never logged. */
export interface DeliveryReport {
  readonly claim: Claim
  /** In the order of `claim.events`. */
  readonly decisions: readonly Decision[]
  /** The participant on which the call set attributes: mostly that of the claim. */
  readonly target: ParticipantKey
  readonly sent: Readonly<Record<string, string>>
  readonly answer: Answer | undefined
  readonly outcomes: readonly Outcome[]
  readonly retry: Retry | undefined
}

export interface AttemptDeps extends OtherParticipantsDeps {
  /** The rules in force now. */
  readonly rules: () => RuleSet
  readonly conversations: Conversations
  readonly report: (report: DeliveryReport) => void
  /** Evaluate the rules and record the events as unchanged, but set nothing. */
  readonly dryRun?: boolean
}

export type Attempt =
  /** No call was needed. `settled` resolves when the outcome is recorded. */
  | { readonly kind: 'unsent'; readonly settled: Promise<void> }
  /** Lookups are being fetched. `settled` resolves when they are there and the claim was given back. */
  | { readonly kind: 'waiting'; readonly settled: Promise<void> }
  | { readonly kind: 'called'; readonly answer: Answer; readonly settled: Promise<void> }

/**
 * Attempts one claim: evaluates the rules, merges the changes, makes at most one call and records the outcome. Events that
 * need more calls (another participant, a conversation to be read first) stay pending and are claimed again.
 */
export async function attempt(whole: Claim, deps: AttemptDeps): Promise<Attempt> {
  const claim = { ...whole, events: partOf(whole) }
  const rules = deps.rules()
  const decided = decideClaim(claim, rules, deps.conversations, deps.now())
  const dryRun = deps.dryRun === true
  const events = dryRun ? decided.map(withoutChanges) : decided
  const own = merge(ownChanges(events, claim.key.participantId), claim.known)
  const { participantId } = claim.key
  const ownCall: CallMade = { target: claim.key, sent: own.send, attempted: own.carried }
  let { outranked } = own
  const conclude = async (part: Settlement, answer?: Answer, call = ownCall) => {
    const whenDone = { ...(part.outcomes.length > 0 && remainder(whole, claim, deps.now())), ...part }
    const settlement = withRecords(whenDone, {
      decided,
      participantId,
      call,
      answer,
      outranked,
      dryRun,
    })
    if (!(await deps.settle(claim, settlement))) return
    deps.report({
      claim,
      decisions: decided.map(({ decision }) => decision),
      target: call.target,
      sent: call.sent,
      answer,
      outcomes: settlement.outcomes,
      retry: settlement.retry,
    })
  }
  const called = (answer: Answer, settlement: Settlement, call?: CallMade): Attempt => ({
    kind: 'called',
    answer,
    settled: conclude(settlement, answer, call),
  })

  if (own.carried.size > 0) {
    if (participantId === '') return { kind: 'unsent', settled: conclude(withoutParticipant(decided, own)) }
    const answer = await deps.patchAttributes(claim.key, own.send)
    return called(answer, afterOwnCall(answer, { claim, events, at: deps.now() }, own, deps))
  }

  const other = await patchOtherParticipant(claim, events, deps)
  if (other.answer !== undefined) return called(other.answer, other.settlement, other.call)
  if (other.settlement !== undefined) return { kind: 'unsent', settled: conclude(other.settlement) }
  outranked = new Set([...outranked, ...other.outranked])

  const needs = decided.flatMap(({ decision }) => decision.needs)
  const lookups = needs.filter(({ kind }) => kind === 'lookup')
  if (needs.length > lookups.length) {
    const answer = await deps.conversations.read(claim.key.conversationId)
    const asking = events.filter(({ decision }) => decision.needs.some(({ kind }) => kind === 'conversation'))
    const settlement =
      answer.kind === 'ok'
        ? { outcomes: [] }
        : afterFailure(answer, { claim, events: asking, at: deps.now() }, deps)
    // A conversation that was read is no attempt yet: the PATCH follows.
    const attempted = new Set(answer.kind === 'ok' ? [] : asking.map(({ sequence }) => sequence))
    return called(answer, settlement, { target: claim.key, sent: {}, attempted })
  }
  if (lookups.length > 0) {
    const fetched = rules.fetch(lookups)
    return { kind: 'waiting', settled: fetched.then(() => conclude({ outcomes: [] })) }
  }

  const at = deps.now()
  const known = own.knownAfter(at)
  const settlement = { outcomes: unsent(events), ...(known.size > 0 && { known }) }
  return {
    kind: 'unsent',
    settled: conclude(mergeSettlements(settlement, blocked({ claim, events, at }, deps))),
  }
}

const withoutChanges = (event: DecidedPending): DecidedPending => ({
  ...event,
  decision: { ...event.decision, changes: [] },
})

/** If only a part of the claim was attempted: the retry for the rest. */
const remainder = (whole: Claim, part: Claim, now: number): Pick<Settlement, 'retry'> =>
  part.events.length < whole.events.length ? { retry: retryInParts(halvingsOf(whole) - 1, now) } : {}

/** For a claim without a participant: events that set attributes become dead letters, the others are unchanged. */
const withoutParticipant = (events: readonly DecidedPending[], merged: Merged): Settlement => ({
  outcomes: events
    .filter(isSettleable)
    .map(({ sequence }) =>
      merged.carried.has(sequence)
        ? { sequence, state: 'dead', code: 'participant_not_found' }
        : { sequence, state: 'unchanged' },
    ),
})

/** Events that also set attributes on other participants stay pending. */
function afterOwnCall(
  answer: Answer,
  { claim, events, at }: EventsOfClaim<DecidedPending>,
  merged: Merged,
  deps: AttemptDeps,
): Settlement {
  const isDone = (event: DecidedPending) =>
    isSettleable(event) && othersOf(event, claim.key.participantId).length === 0
  const uncarried = events.filter((event) => isDone(event) && !merged.carried.has(event.sequence))
  const unchanged = outcomesOf(uncarried, 'unchanged')
  if (answer.kind !== 'ok') {
    const carried = events.filter(({ sequence }) => merged.carried.has(sequence))
    const settlement = afterFailure(answer, { claim, events: carried, at }, deps)
    if (settlement.outcomes.length < carried.length) return settlement
    const known = merged.knownUnsent()
    return mergeSettlements(settlement, { outcomes: unchanged, ...(known.size > 0 && { known }) })
  }
  const applied = events.filter((event) => isDone(event) && merged.carried.has(event.sequence))
  return {
    outcomes: [...outcomesOf(applied, 'applied'), ...unchanged],
    known: merged.knownAfter(at),
  }
}

/** Nothing is left to send: changes of several participants have been applied one by one. */
const unsent = (events: readonly DecidedPending[]): Outcome[] =>
  events.filter(isSettleable).map(({ sequence, decision }) => ({
    sequence,
    state: decision.changes.length > 1 ? 'applied' : 'unchanged',
  }))

/** Settles events whose participant or lookup was not found: a retry, or a dead letter. */
function blocked({ claim, events, at }: EventsOfClaim<DecidedPending>, deps: AttemptDeps): Settlement {
  let settlement: Settlement = { outcomes: [] }
  for (const kind of ['participant_not_found', 'lookup_failed'] as const) {
    const affected = events.filter(({ decision }) => decision.blocked[0]?.code === kind)
    const rules = new Set(affected.flatMap(({ decision }) => decision.blocked.map(({ rule }) => rule)))
    const answer: CallFailure = { kind, detail: `rules: ${[...rules].join(', ')}` }
    if (affected.length > 0)
      settlement = mergeSettlements(
        settlement,
        retryOrDeadLetter(answer, { claim, events: affected, at }, deps),
      )
  }
  return settlement
}
