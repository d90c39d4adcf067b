import type { DeliveryReport } from '../deliver/attempt.ts'
import { attributeNamesOf } from '../deliver/outcome-records.ts'
import type { Answer } from '../genesys/classify.ts'
import type { Logger } from '../log/logger.ts'
import { count, type Details, type Totals } from './totals.ts'

interface ReportsDeps {
  readonly totals: Totals
  readonly details: Details
  /** Called for each applied event. `delayMs`: since its acceptance. */
  readonly onApplied: (delayMs: number) => void
  readonly logger: Logger
  /** Attributes are only logged, not set. */
  readonly dryRun: boolean
  /** Epoch ms, from the clock that also sets `acceptedAt`. */
  readonly now: () => number
}

/** Counts and logs the result of an attempt: ids, rule names, attribute names and codes, never values. */
export function recordReport(report: DeliveryReport, deps: ReportsDeps): void {
  countReport(report, deps)
  logReport(report, deps)
}

function countReport(
  { claim, decisions, answer, outcomes }: DeliveryReport,
  { totals, details, onApplied, now }: ReportsDeps,
): void {
  for (const { matched, undecided } of decisions) {
    for (const rule of matched) count(details.matched, rule)
    for (const { rule } of undecided) count(details.undecided, rule)
  }
  for (const { state, code = 'unknown' } of outcomes) {
    if (state === 'dead') count(details.dead, code)
    else totals[state] += 1
  }
  if (answer === undefined) return
  count(details.calls, answer.kind)
  if (answer.kind !== 'ok') return
  const applied = new Set(outcomes.flatMap(({ sequence, state }) => (state === 'applied' ? [sequence] : [])))
  for (const { sequence, acceptedAt } of claim.events)
    if (applied.has(sequence)) onApplied(Math.max(0, now() - acceptedAt))
}

function logReport(report: DeliveryReport, { logger, dryRun }: ReportsDeps): void {
  const { claim, decisions, target, sent, answer, outcomes, retry } = report
  const attributeNames = dryRun ? attributeNamesOf(decisions) : Object.keys(sent)
  const undecided = decisions.flatMap((decision) => decision.undecided)
  const fields = {
    ...claim.key,
    events: claim.events.map(({ event }) => event.identity),
    rules: [...new Set(decisions.flatMap(({ matched }) => matched))],
    attributeNames,
    ...(target.participantId !== claim.key.participantId && { setOn: target.participantId }),
    ...(undecided.length > 0 && { undecided }),
    ...answer?.api,
  }
  const retryFields = () => ({
    ...fields,
    ...retry?.failure,
    dueAt: new Date(retry?.dueAt ?? 0).toISOString(),
  })
  const dead = outcomes.find(({ state }) => state === 'dead')
  if (dead !== undefined) logger.error({ ...fields, code: dead.code }, 'dead letter')
  else if (answer === undefined && retry !== undefined && !continues.has(retry.failure.code))
    logger.warn(retryFields(), 'not decided, retrying later')
  else if (dryRun && answer === undefined && attributeNames.length > 0)
    logger.info(fields, 'dry run: attributes not set')
  else if (answer === undefined) logger.debug(fields, outcomes.length > 0 ? 'unchanged' : 'given back')
  else if (answer.kind === 'ok' && attributeNames.length === 0) logger.debug(fields, 'conversation read')
  else if (answer.kind === 'ok') logger.info(fields, 'applied')
  else if (retry === undefined) logger.debug(fields, 'given back')
  else logger.warn({ ...retryFields(), ...causeOf(answer) }, 'attempt failed, retrying')
}

/** Retry codes of claims that continue without a failure. */
const continues: ReadonlySet<string> = new Set(['rejected', 'participant_busy'])

const causeOf = (answer: Answer): { cause?: string } =>
  answer.kind === 'unavailable' ? { cause: answer.cause } : {}
