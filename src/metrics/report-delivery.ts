import { missingCodes } from '../cel/expression-errors.ts'
import type { DeliveryReport } from '../deliver/attempt.ts'
import { attributeNamesOf } from '../deliver/outcome-records.ts'
import { giveUpAt } from '../deliver/retry-policy.ts'
import { errorCatalogue } from '../errors.ts'
import type { TraceContext } from '../event.ts'
import type { Answer } from '../genesys/classify.ts'
import { ageStart, type Outcome, type Retry } from '../inbox/inbox.ts'
import type { Logger } from '../log/logger.ts'
import type { UndecidedRules } from '../log/undecided-rules.ts'
import { count, type Details, type Totals } from './totals.ts'

interface ReportDeliveryDeps {
  readonly totals: Totals
  readonly details: Details
  /** Called for each event with the outcome `applied`. `delayMs`: time since its acceptance. `trace`: stored with the event. */
  readonly onApplied: (delayMs: number, trace?: TraceContext) => void
  readonly undecided: Pick<UndecidedRules, 'note'>
  readonly logger: Logger
  /** Attributes are not set; the log has the names of those that would be. */
  readonly dryRun: boolean
  readonly eventMaxAgeMs: number
  /** Epoch ms, from the clock that also sets `acceptedAt`. */
  readonly now: () => number
}

/**
 * Counts and logs the result of an attempt. Log lines have ids, rule names, attribute names and codes, never attribute
 * values.
 */
export function reportDelivery(report: DeliveryReport, deps: ReportDeliveryDeps): void {
  countReport(report, deps)
  logReport(report, deps)
}

function countReport(
  { claim, decisions, answer, outcomes }: DeliveryReport,
  { totals, details, onApplied, now }: ReportDeliveryDeps,
): void {
  for (const { matched, undecided, blocked } of decisions) {
    for (const rule of matched) count(details.matched, rule)
    for (const { rule, code, missing } of undecided) {
      count(details.undecided, rule)
      if (missing === undefined && !missingCodes.has(code)) count(details.failed, rule)
    }
    for (const { rule } of blocked) count(details.failed, rule)
  }
  for (const { state, code = 'unknown' } of outcomes) {
    if (state === 'dead') count(details.dead, code)
    else totals[state] += 1
  }
  if (answer !== undefined) count(details.calls, answer.kind)
  const applied = new Set(outcomes.flatMap(({ sequence, state }) => (state === 'applied' ? [sequence] : [])))
  if (applied.size === 0) return
  const at = now()
  for (const { sequence, acceptedAt, event } of claim.events)
    if (applied.has(sequence)) onApplied(Math.max(0, at - acceptedAt), event.trace)
}

function logReport(
  report: DeliveryReport,
  { undecided: undecidedRules, logger, dryRun, eventMaxAgeMs }: ReportDeliveryDeps,
): void {
  const { claim, decisions, target, sent, answer, outcomes, retry } = report
  const sentNames = Object.keys(sent)
  const attributeNames = dryRun ? attributeNamesOf(decisions) : sentNames
  const undecided = decisions.flatMap((decision) => decision.undecided)
  claim.events.forEach(
    ({ event }, index) => void undecidedRules.note(decisions[index]?.undecided ?? [], event),
  )
  const { conversationId, participantId } = claim.key
  const fields = {
    conversationId,
    ...(participantId !== '' && { participantId }),
    events: claim.events.map(({ event }) => event.identity),
    rules: [...new Set(decisions.flatMap(({ matched }) => matched))],
    attributeNames,
    ...(target.participantId !== claim.key.participantId && { setOn: target.participantId }),
    ...(undecided.length > 0 && { undecided }),
    ...answer?.api,
  }
  const dead = outcomes.find(({ state }) => state === 'dead')
  const retryFields = retry === undefined ? {} : fieldsOfRetry(retry, report, eventMaxAgeMs)
  const applied = outcomes.some(({ state }) => state === 'applied')

  if (dead !== undefined) logger.error({ ...fields, ...deadFields(dead, answer) }, 'dead letter')
  else if (answer !== undefined && answer.kind !== 'ok' && retry !== undefined)
    logger.warn({ ...fields, ...retryFields, ...causeOf(answer) }, 'attempt failed, retrying')
  else if (answer?.kind === 'ok' && sentNames.length === 0) logger.debug(fields, 'conversation read')
  else if (answer?.kind === 'ok' || applied) logger.info(fields, 'applied')
  else if (retry !== undefined && !routineRetryCodes.has(retry.failure.code))
    logger.warn({ ...fields, ...retryFields }, 'target or lookup not found, retrying')
  else if (outcomes.length === 0) logger.debug(fields, 'given back')
  else if (dryRun && wouldBeDead(report))
    logger.warn(
      { ...fields, ...deadFields({ code: 'participant_not_found' }, undefined) },
      'dry run: event would become a dead letter',
    )
  else if (dryRun && attributeNames.length > 0) logger.info(fields, 'dry run: attributes not set')
  else logger.debug(fields, 'unchanged')
}

/** Retries that are no failures: the rest of a claim that is sent in parts, and a participant that another claim holds. */
const routineRetryCodes: ReadonlySet<string> = new Set(['rejected', 'participant_busy'])

/** `giveUpAt`: when the first of the pending events becomes a dead letter if the failure lasts. */
function fieldsOfRetry(
  { failure, dueAt }: Retry,
  { claim, outcomes }: DeliveryReport,
  eventMaxAgeMs: number,
) {
  const settled = new Set(outcomes.map(({ sequence }) => sequence))
  const pending = claim.events.filter(({ sequence }) => !settled.has(sequence))
  const oldest = Math.min(...pending.map(ageStart))
  return {
    ...failure,
    dueAt: isoTime(dueAt),
    ...(pending.length > 0 && { giveUpAt: isoTime(giveUpAt(failure.code, oldest, eventMaxAgeMs)) }),
  }
}

const isoTime = (time: number): string => new Date(time).toISOString()

const causeOf = (answer: Answer): { cause?: string } => ('cause' in answer ? { cause: answer.cause } : {})

/** Without an answer, the detail has only names of rules. */
const deadFields = ({ code, detail }: Pick<Outcome, 'code' | 'detail'>, answer: Answer | undefined) => ({
  code,
  ...(answer !== undefined ? causeOf(answer) : detail !== undefined && { cause: detail }),
  ...(code !== undefined && { remedy: errorCatalogue[code].remedy }),
})

/** In a dry run: an event without a participant, whose values no call could set. */
const wouldBeDead = ({ claim, decisions }: DeliveryReport): boolean =>
  claim.key.participantId === '' &&
  decisions.some(({ changes }) => changes.some(({ participantId }) => participantId === ''))
