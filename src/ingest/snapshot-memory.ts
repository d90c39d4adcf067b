import type { ConversationEvent } from '../event.ts'
import type { AppendResult } from '../inbox/inbox.ts'
import type { RuleSet } from '../rules/evaluate.ts'
import { createGrowingCache } from '../values/growing-cache.ts'
import type { ClassifiedEvent } from './classify-items.ts'
import { sha256 } from './identity.ts'

/** The last snapshot of a participant. */
interface LastSnapshot {
  /** Undefined after a late snapshot that differs: the current state is not known. */
  readonly digest: string | undefined
  /** The sender's time. A snapshot without a time counts as later than all others. */
  readonly at: number
  stored: boolean
}

/**
 * Limits the memory: about 400 bytes per participant, 20 MB in total, or 40 MB if a sender uses the longest topics and ids. The least recently seen participant is dropped first;
 * its next snapshot becomes an event again.
 */
const defaultMaxParticipants = 50_000

/**
 * Remembers the last snapshot of each participant. A snapshot contains the whole conversation, so without this memory a
 * change of one participant would become an event for all of them. Keyed by topic too, since rules listen by topic.
 */
export function createSnapshotMemory({ maxParticipants = defaultMaxParticipants } = {}) {
  const memory = createGrowingCache<string, LastSnapshot>(maxParticipants)
  let lastRules: RuleSet | undefined
  return {
    /** Another node may have seen snapshots since. */
    forget: () => memory.clear(),
    /**
     * Returns, in order, the events whose participant changed since the last snapshot that these rules saw, including
     * earlier events of the same call. Until `markStored`, other calls treat the participant as unknown. So if storing
     * fails or calls overlap, an event may repeat but is never lost.
     */
    compare: (events: readonly ClassifiedEvent[], rules: RuleSet) => {
      // New rules may use fields that the old rules ignored.
      if (rules !== lastRules) memory.clear()
      lastRules = rules
      const inThisCall = new Map<string, LastSnapshot>()
      const changed = events.filter(({ event, participantAsSent }) => {
        if (participantAsSent === undefined) return true
        const key = keyOf(event)
        const digest = sha256(participantAsSent)
        const earlier = inThisCall.get(key)
        const last = earlier ?? memory.get(key)
        if (last?.digest === digest && (last.stored || last === earlier)) return false
        const at = event.occurredAt ?? Number.POSITIVE_INFINITY
        const late = last !== undefined && at < last.at
        inThisCall.set(key, { digest: late ? undefined : digest, at: late ? last.at : at, stored: false })
        return true
      })
      for (const [key, latest] of inThisCall) memory.set(key, latest)
      return {
        changed,
        /** Call it when `changed` is durable. */
        markStored: (results: Extract<AppendResult, { kind: 'appended' }>['results']): void => {
          // The inbox did not store a duplicate, so a stored event after it may have set the current state.
          for (const [index, { event }] of changed.entries())
            if (results[index] === 'duplicate') inThisCall.delete(keyOf(event))
          for (const latest of inThisCall.values()) latest.stored = true
        },
      }
    },
  }
}

const keyOf = ({ topic, conversationId, participantId }: ConversationEvent): string =>
  `${topic} ${conversationId} ${participantId}`
