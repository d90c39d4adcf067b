import type { EventHistory } from '../inbox/inbox.ts'
import { createGrowingCache } from '../values/growing-cache.ts'
import type { DeliveryReport } from './attempt.ts'
import { attributeNamesOf } from './outcome-records.ts'

/** What an attempt decided and got for an event that stays pending. The inbox does not store it: that would cost a write per retry. */
type LastAttempt = Pick<EventHistory, 'rules' | 'attributeNames' | 'targetId' | 'detail' | 'api'>

/** Most pending events to remember; beyond it, the one attempted longest ago is forgotten. */
const maxEvents = 10_000

export type LastAttempts = ReturnType<typeof createLastAttempts>

/** Remembers the last failed attempt of pending events, for people who investigate. Empty after a restart. */
export function createLastAttempts() {
  const attempts = createGrowingCache<number, LastAttempt>(maxEvents)
  return {
    note: ({ claim, decisions, target, answer, outcomes, retry }: DeliveryReport): void => {
      if (retry !== undefined) {
        const other = target.participantId === claim.key.participantId ? undefined : target.participantId
        claim.events.forEach(({ sequence }, index) => {
          const decision = decisions[index]
          if (decision === undefined) return
          const blockedRules = decision.blocked.map(({ rule }) => rule)
          attempts.set(sequence, {
            rules: decision.matched,
            attributeNames: attributeNamesOf([decision]),
            targetId: other,
            detail: blockedRules.length > 0 ? `rules: ${blockedRules.join(', ')}` : detailOf(answer),
            api: answer?.api,
          })
        })
      }
      if (attempts.size > 0) for (const { sequence } of outcomes) attempts.delete(sequence)
    },
    /** The history of a pending event with its last attempt. */
    complete: (history: EventHistory): EventHistory => {
      const attempt = history.state === 'pending' ? attempts.get(history.sequence) : undefined
      return attempt === undefined ? history : { ...history, ...attempt }
    },
  }
}

const detailOf = (answer: DeliveryReport['answer']): string | undefined =>
  answer !== undefined && 'detail' in answer ? answer.detail : undefined
