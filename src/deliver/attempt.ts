import type { Decision } from '../enrich/evaluate.ts'
import type { ConversationEvent } from '../event.ts'
import type { Answer } from '../genesys/classify.ts'
import type { AttributeTarget } from '../genesys/genesys.ts'
import type { Claim, Failure, Inbox, Outcome, Settlement } from '../inbox/inbox.ts'
import { type DecidedEvent, type Merged, merge } from './merge.ts'
import { type CallFailure, type Random, retry } from './retry.ts'

/** What became of one claim, once it is on record. Holds names and codes; attribute values only in `sent`, which is never logged. */
export interface DeliveryReport {
  readonly claim: Claim
  /** In the order of `claim.events`. */
  readonly decisions: readonly Decision[]
  readonly sent: Readonly<Record<string, string>>
  readonly answer: Answer | undefined
  readonly outcomes: readonly Outcome[]
  readonly retry: { readonly dueAt: number; readonly failure: Failure } | undefined
}

export interface AttemptDeps {
  readonly inbox: Inbox
  readonly evaluate: (event: ConversationEvent) => Decision
  readonly patchAttributes: (
    target: AttributeTarget,
    attributes: Readonly<Record<string, string>>,
  ) => Promise<Answer>
  /** Resolves when it is on record; false: it is not, and the claim is void. */
  readonly settle: (claim: Claim, settlement: Settlement) => Promise<boolean>
  readonly report: (report: DeliveryReport) => void
  readonly eventMaxAgeMs: number
  readonly now: () => number
  readonly random: Random
}

export type Attempt =
  /** Nothing had to be sent; no call was made. `settled` is fulfilled when that is on record. */
  | { readonly kind: 'unsent'; readonly settled: Promise<void> }
  | { readonly kind: 'called'; readonly answer: Answer; readonly settled: Promise<void> }

/** Works on one claim: rules decide, changes are merged, at most one PATCH, outcome recorded. */
export async function attempt(claim: Claim, deps: AttemptDeps): Promise<Attempt> {
  const decisions = claim.events.map(({ event }) => deps.evaluate(event))
  const events = claim.events.map(
    (event, index): DecidedEvent => ({ ...event, attributes: decisions[index]?.attributes ?? {} }),
  )
  const merged = merge(events, claim.known)
  const conclude = async (settlement: Settlement, answer?: Answer): Promise<void> => {
    const recorded = await deps.settle(claim, settlement)
    const { outcomes, retry } = settlement
    if (recorded) deps.report({ claim, decisions, sent: merged.send, answer, outcomes, retry })
  }

  if (merged.carried.size === 0) {
    const known = merged.knownAfter(deps.now())
    return {
      kind: 'unsent',
      settled: conclude({
        outcomes: outcomesOf(claim, merged, 'unchanged'),
        ...(known.size > 0 && { known }),
      }),
    }
  }
  const { conversationId, participantId } = claim.key
  if (participantId === '') {
    const dead = { state: 'dead', code: 'participant_not_found' } as const
    return { kind: 'unsent', settled: conclude({ outcomes: outcomesOf(claim, merged, dead) }) }
  }
  const answer = await deps.patchAttributes({ conversationId, participantId }, merged.send)
  return { kind: 'called', answer, settled: conclude(settlementOf(answer, claim, merged, deps), answer) }
}

function settlementOf(answer: Answer, claim: Claim, merged: Merged, deps: AttemptDeps): Settlement {
  switch (answer.kind) {
    case 'ok':
      return { outcomes: outcomesOf(claim, merged, 'applied'), known: merged.knownAfter(deps.now()) }
    case 'rate_limited':
    case 'token_expired':
    case 'credentials_refused':
      return { outcomes: [] } // Not the participant's fault: back as it was, without counting an attempt.
    default:
      return settlementOfFailure(answer, claim, merged, deps)
  }
}

/** Each event by its own age: those out of time die, the others are tried again together. */
function settlementOfFailure(
  answer: CallFailure,
  claim: Claim,
  merged: Merged,
  deps: AttemptDeps,
): Settlement {
  const { failure } = claim
  const dead: Outcome[] = []
  let again: Settlement['retry']
  for (const { sequence, acceptedAt } of claim.events) {
    if (!merged.carried.has(sequence)) continue
    const verdict = retry({ ...deps, answer, failure, acceptedAt, now: deps.now() })
    if (verdict.kind === 'dead')
      dead.push({ sequence, state: 'dead', code: verdict.code, detail: verdict.detail })
    else if (again === undefined || verdict.dueAt < again.dueAt)
      again = { dueAt: verdict.dueAt, failure: verdict.failure }
  }
  if (again !== undefined) return { outcomes: dead, retry: again }
  // With none to try again, every carried event is dead: the rest had nothing to send.
  const unchanged = claim.events
    .filter(({ sequence }) => !merged.carried.has(sequence))
    .map(({ sequence }): Outcome => ({ sequence, state: 'unchanged' }))
  const known = merged.knownUnsent()
  return { outcomes: [...dead, ...unchanged], ...(known.size > 0 && { known }) }
}

type CarriedOutcome =
  | 'applied'
  | 'unchanged'
  | { readonly state: 'dead'; readonly code: 'participant_not_found' }

/** Carried events get the given outcome, the others are unchanged. */
function outcomesOf(claim: Claim, merged: Merged, carried: CarriedOutcome): Outcome[] {
  return claim.events.map(({ sequence }) => {
    if (!merged.carried.has(sequence)) return { sequence, state: 'unchanged' }
    return typeof carried === 'string' ? { sequence, state: carried } : { sequence, ...carried }
  })
}
