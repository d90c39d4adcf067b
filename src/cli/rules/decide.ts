import type { Decision, EventFacts } from '../../enrich/decision.ts'
import type { RuleSet } from '../../enrich/evaluate.ts'
import type { ConversationEvent } from '../../event.ts'

/** What one lookup finds may name the key of the next, but hardly more often than that. */
const maxRounds = 10

/** Decides an event; asks for the lookups that it needs first. What is needed still can only be asked of Genesys Cloud. */
export async function decideAsking(
  rules: RuleSet,
  event: ConversationEvent,
  facts: EventFacts,
): Promise<Decision> {
  let decision = rules.evaluate(event, facts)
  for (let round = 0; round < maxRounds; round += 1) {
    const lookups = decision.needs.filter(({ kind }) => kind === 'lookup')
    if (lookups.length === 0) break
    await rules.fetch(lookups)
    decision = rules.evaluate(event, facts)
  }
  return decision
}
