import type { DeliveryReport } from '../deliver/attempt.ts'
import type { Answer } from '../genesys/classify.ts'
import type { Logger } from './logger.ts'
import type { Totals } from './totals.ts'

/** Counts and logs what became of a claim: ids, rule names, attribute names and codes, never values. */
export function recordReport(report: DeliveryReport, totals: Totals, logger: Logger): void {
  const { claim, decisions, sent, answer, outcomes, retry } = report
  for (const { state } of outcomes) totals[state] += 1
  if (answer !== undefined) totals.calls += 1
  if (answer?.kind === 'rate_limited') totals.rateLimited += 1
  totals.undecided += decisions.reduce((count, { undecided }) => count + undecided.length, 0)

  const fields = {
    ...claim.key,
    events: claim.events.map(({ event }) => event.identity),
    rules: [...new Set(decisions.flatMap(({ matched }) => matched))],
    attributeNames: Object.keys(sent),
  }
  const dead = outcomes.find(({ state }) => state === 'dead')
  if (dead !== undefined) logger.error({ ...fields, code: dead.code }, 'dead letter')
  else if (retry !== undefined) {
    logger.warn(
      { ...fields, ...retry.failure, ...causeOf(answer), dueAt: new Date(retry.dueAt).toISOString() },
      'tried in vain, again later',
    )
  } else if (answer?.kind === 'ok') logger.info(fields, 'applied')
  else logger.debug(fields, answer === undefined ? 'unchanged' : 'given back')
}

const causeOf = (answer: Answer | undefined): { cause?: string } =>
  answer?.kind === 'unavailable' ? { cause: answer.cause } : {}
