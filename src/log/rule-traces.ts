import { tokensOf } from '../cel/syntax/tokens.ts'
import type { RuleSet } from '../rules/evaluate.ts'
import type { RuleTrace } from '../rules/trace.ts'
import type { Logger } from './logger.ts'

/** At log level debug, wraps the rules so that each decision is logged with the trace of every listening rule. */
export function withTraces(rules: RuleSet, logger: Logger): RuleSet {
  // Traces evaluate conditions part by part, which is slower than deciding.
  if (!logger.isLevelEnabled('debug')) return rules
  return {
    ...rules,
    evaluate: (event, facts) => {
      const decision = rules.evaluate(event, facts)
      const trace = rules.explain(event, facts).rules.filter(({ result }) => result !== 'not_listening')
      const { conversationId, participantId, identity } = event
      logger.debug(
        {
          conversationId,
          participantId,
          event: identity,
          version: rules.version,
          trace: trace.map(withoutValues),
        },
        'rules decided',
      )
      return decision
    },
  }
}

/**
 * Removes attribute values. String literals of a false condition are dropped, because they can reveal a value: if
 * `participant.address != "tel:+1"` is false, the literal is the address. Candidates keep only their id and whether they fit.
 */
function withoutValues({ because, candidates, ...others }: RuleTrace): object {
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
