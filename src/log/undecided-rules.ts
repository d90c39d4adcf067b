import { errorCatalogue } from '../errors.ts'
import type { ConversationEvent } from '../event.ts'
import type { UndecidedRule } from '../rules/decision.ts'

interface UndecidedRulesDeps {
  readonly log: { warn(fields: object, message: string): void }
  /** The version of the rules in force. */
  readonly rulesVersion: () => string
}

export type UndecidedRules = ReturnType<typeof createUndecidedRules>

/**
 * Logs the first time that a rule lacks a field since the rules came into force. Its size is limited, because the names of
 * fields come from the rules file.
 */
export function createUndecidedRules({ log, rulesVersion }: UndecidedRulesDeps) {
  let logged = new Set<string>()
  let loggedFor: string | undefined
  return {
    note: (undecided: readonly UndecidedRule[], { type, topic }: ConversationEvent): void => {
      if (undecided.length === 0) return
      const version = rulesVersion()
      if (version !== loggedFor) logged = new Set()
      loggedFor = version
      for (const { rule, code: cause, missing, unusable } of undecided) {
        const key = JSON.stringify([rule, cause, missing, unusable])
        if (logged.has(key)) continue
        logged.add(key)
        const { remedy } = errorCatalogue.rule_undecided
        log.warn(
          { code: 'rule_undecided', rule, missing, unusable, cause, type, topic, remedy },
          'rule undecided',
        )
      }
    },
  }
}
