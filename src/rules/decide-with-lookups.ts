import type { ConversationEvent } from '../event.ts'
import type { Decision, EventFacts } from './decision.ts'
import type { RuleSet } from './evaluate.ts'

/**
 * Decides an event and fetches the lookups that it needs. Afterwards `needs` has only reads of Genesys Cloud, unless the result of
 * one lookup is the key of the next in a chain longer than `maxRounds`.
 */
export async function decideWithLookups(
  rules: RuleSet,
  event: ConversationEvent,
  facts: EventFacts,
  maxRounds = 10,
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
