import { LRUCache } from 'lru-cache'
import { errorCatalogue } from '../errors.ts'
import type { ConversationEvent } from '../event.ts'
import type { UndecidedRule } from '../rules/decision.ts'

interface UndecidedRulesDeps {
  readonly log: { warn(fields: object, message: string): void }
  /** The version of the rules in force. */
  readonly rulesVersion: () => string
}

export type UndecidedRules = ReturnType<typeof createUndecidedRules>

/** How often a rule lacked the same data since the process started. */
export interface UndecidedCount extends UndecidedRule {
  count: number
}

/** Most pairs of rule and fields to count: their names come from rules files, which may change many times. */
const maxCounts = 1_000

const { remedy } = errorCatalogue.rule_undecided
const nextStep = `${remedy} The metric genesys_enricher_rule_undecided_total counts every case.`

/**
 * Counts how often each rule lacked each field, and logs the first time since the rules came into force. Its size is limited,
 * because the names of fields come from the rules file.
 */
export function createUndecidedRules({ log, rulesVersion }: UndecidedRulesDeps) {
  const counts = new LRUCache<string, UndecidedCount>({ max: maxCounts })
  let logged = new Set<string>()
  let loggedFor: string | undefined

  function countOne(key: string, undecided: UndecidedRule): void {
    const known = counts.get(key)
    if (known === undefined) counts.set(key, { ...undecided, count: 1 })
    else known.count += 1
  }

  return {
    note: (undecided: readonly UndecidedRule[], event: ConversationEvent): void => {
      if (undecided.length === 0) return
      const version = rulesVersion()
      if (version !== loggedFor) logged = new Set()
      loggedFor = version
      const { type, topic, conversationId, identity } = event
      for (const one of undecided) {
        const { rule, code: cause, missing, unusable } = one
        const key = JSON.stringify([rule, cause, missing, unusable])
        countOne(key, one)
        if (logged.has(key)) continue
        logged.add(key)
        const lacks = { code: 'rule_undecided', rule, missing, unusable, cause }
        log.warn(
          { ...lacks, type, topic, conversationId, event: identity, remedy: nextStep },
          'rule undecided',
        )
      }
    },
    /** Most frequent first. */
    counts: (): readonly UndecidedCount[] =>
      [...counts.values()].sort((one, other) => other.count - one.count),
  }
}
