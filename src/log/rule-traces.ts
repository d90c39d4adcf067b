import { tokensOf } from '../cel/syntax/tokens.ts'
import type { RuleSet } from '../rules/evaluate.ts'
import type { RuleTrace } from '../rules/trace.ts'
import type { Logger } from './logger.ts'

/** The same rules, which tell in the log at level debug why each of those that listen did what it did. */
export function withTraces(rules: RuleSet, logger: Logger): RuleSet {
  // It takes longer than to decide: conditions are looked at part by part.
  if (!logger.isLevelEnabled('debug')) return rules
  return {
    ...rules,
    evaluate: (event, facts) => {
      const decision = rules.evaluate(event, facts)
      const trace = rules.explain(event, facts).rules.filter(({ result }) => result !== 'not_listening')
      const { conversationId, participantId = '', identity } = event
      logger.debug(
        { conversationId, participantId, event: identity, version: rules.version, trace: trace.map(named) },
        'rules decided',
      )
      return decision
    },
  }
}

/**
 * Names and codes. Of a part that is false the quoted texts are left out, since they can tell a value: where
 * `participant.address != "tel:+1"` is false, it is the address. Of candidates only who fits.
 */
function named({ because, candidates, ...others }: RuleTrace): object {
  return {
    ...others,
    ...(because !== undefined && { because: withoutTexts(because) }),
    ...(candidates && { candidates: candidates.map(({ id, fits }) => ({ id, fits })) }),
  }
}

const withoutTexts = (source: string): string =>
  tokensOf(source).reduceRight(
    (text, { kind, start, end }) => (kind === 'text' ? `${text.slice(0, start)}"…"${text.slice(end)}` : text),
    source,
  )
