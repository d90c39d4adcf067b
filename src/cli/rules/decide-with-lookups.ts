import type { ConversationEvent } from '../../event.ts'
import type { Decision, EventFacts } from '../../rules/decision.ts'
import type { RuleSet } from '../../rules/evaluate.ts'

/** The result of one lookup may be the key of the next. Longer chains than this are not expected. */
const maxRounds = 10

/** Decides an event and runs the lookups it needs. `needs` of the result then holds only Genesys Cloud reads. */
export async function decideWithLookups(
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
