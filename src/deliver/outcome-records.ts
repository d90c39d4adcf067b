import type { Answer } from '../genesys/classify.ts'
import type { Outcome, ParticipantKey, Settlement, UnchangedReason } from '../inbox/inbox.ts'
import type { Decision } from '../rules/decision.ts'
import type { DecidedPending } from './decide-claim.ts'

/** The call of an attempt. */
export interface CallMade {
  /** The participant of the PATCH. */
  readonly target: ParticipantKey
  /** Attributes with values; empty if the call was no PATCH. */
  readonly sent: Readonly<Record<string, string>>
  /** Sequences of the events for which the call was made. */
  readonly attempted: ReadonlySet<number>
}

export interface RecordInput {
  /** The events as decided, also if a dry run sets nothing. */
  readonly decided: readonly DecidedPending[]
  /** Of the claim. */
  readonly participantId: string
  readonly call: CallMade
  /** Undefined: no call was made. */
  readonly answer: Answer | undefined
  /** Sequences of events whose values lost against a later event. */
  readonly outranked: ReadonlySet<number>
  readonly dryRun: boolean
}

/** Adds to a settlement what was decided and sent for each event, and counts its attempts. Pure. */
export function withRecords(settlement: Settlement, input: RecordInput): Settlement {
  const { decided, participantId, call, answer, outranked, dryRun } = input
  const decisions = new Map(decided.map(({ sequence, decision }) => [sequence, decision]))
  const isPatch = answer !== undefined && Object.keys(call.sent).length > 0

  function withRecord(outcome: Outcome): Outcome {
    const decision = decisions.get(outcome.sequence)
    if (decision === undefined) return outcome
    const isAttempted = answer !== undefined && call.attempted.has(outcome.sequence)
    const inPatch = isPatch && isAttempted
    const target = inPatch ? call.target.participantId : soleTarget(decision)
    const record = {
      rules: decision.matched,
      attributeNames: attributeNamesOf([decision]),
      inPatch,
      ...(target !== undefined && target !== participantId && { targetId: target }),
      ...(isAttempted && answer.api !== undefined && { api: answer.api }),
    }
    const { sequence, state } = outcome
    return {
      ...outcome,
      ...(state === 'unchanged' && { reason: unchangedReason(decision, outranked.has(sequence), dryRun) }),
      record,
    }
  }

  return {
    ...settlement,
    outcomes: settlement.outcomes.map(withRecord),
    ...(answer !== undefined && isAttempt(answer) && { attempted: [...call.attempted] }),
  }
}

function unchangedReason(
  { changes, undecided }: Decision,
  isOutranked: boolean,
  dryRun: boolean,
): UnchangedReason {
  if (changes.length === 0) return undecided.length > 0 ? 'rule_undecided' : 'no_rule_matched'
  if (dryRun) return 'dry_run'
  return isOutranked ? 'later_event' : 'known_values'
}

/** The names of the attributes that the events set, each once. */
export const attributeNamesOf = (decisions: readonly Decision[]): string[] => [
  ...new Set(
    decisions.flatMap(({ changes }) => changes.flatMap(({ attributes }) => Object.keys(attributes))),
  ),
]

/** A 429 and refused credentials concern all calls, so they are no attempt of an event. */
const isAttempt = ({ kind }: Answer): boolean => kind !== 'rate_limited' && kind !== 'credentials_refused'

const soleTarget = ({ changes: [change, ...others] }: Decision): string | undefined =>
  others.length === 0 ? change?.participantId : undefined
