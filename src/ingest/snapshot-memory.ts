import { LRUCache } from 'lru-cache'
import type { ConversationEvent } from '../event.ts'
import type { AppendResult } from '../inbox/inbox.ts'
import type { RuleSet } from '../rules/evaluate.ts'
import { sha256 } from './identity.ts'
import type { SortedEvent } from './sort.ts'

/**
 * What the last snapshots said. Each tells the whole conversation, so that without this memory every change of one
 * participant would be an event for all of them. By topic too, since rules listen by topic.
 */
export interface SnapshotMemory {
  /**
   * In their order, the events that tell something new to these rules, those of the same call counting as told. What they
   * tell counts as unknown, for every other call, until it is kept: where nothing is stored in the end, or calls overlap,
   * an event is told again, and none is left out.
   */
  compare(events: readonly SortedEvent[], rules: RuleSet): News
}

export interface News {
  readonly news: readonly SortedEvent[]
  /** To be called when they are durable. */
  keep(results: Appended['results']): void
}

type Appended = Extract<AppendResult, { kind: 'appended' }>

/** The last thing that was told of a participant. */
interface Told {
  /** Undefined: what counts is not known, since a late snapshot said something else. */
  readonly digest: string | undefined
  /** By the clock of the sender. A snapshot without a time counts when it arrives, so after all that have one. */
  readonly at: number
  stored: boolean
}

/**
 * Participants are what is bounded, whichever conversations they are in: 400 bytes each with ids of the usual length, 20 MB
 * for all. The one that was in no snapshot for longest is forgotten first, and the next snapshot tells it again.
 */
const defaultMaxParticipants = 50_000

export function createSnapshotMemory({ maxParticipants = defaultMaxParticipants } = {}): SnapshotMemory {
  const memory = new LRUCache<string, Told>({ max: maxParticipants })
  let listening: RuleSet | undefined
  return {
    compare: (events, rules) => {
      // Other rules may want what these did not.
      if (rules !== listening) memory.clear()
      listening = rules
      const told = new Map<string, Told>()
      const news = events.filter(({ event, said }) => {
        if (said === undefined) return true
        const key = keyOf(event)
        const digest = sha256(said)
        const inThisCall = told.get(key)
        const last = inThisCall ?? memory.get(key)
        if (last?.digest === digest && (last.stored || last === inThisCall)) return false
        const at = event.occurredAt ?? Number.POSITIVE_INFINITY
        const late = last !== undefined && at < last.at
        told.set(key, { digest: late ? undefined : digest, at: late ? last.at : at, stored: false })
        return true
      })
      for (const [key, latest] of told) memory.set(key, latest)
      return {
        news,
        keep: (results) => {
          // What the inbox knew already it did not take again, so that an event after it may still be the one that counts.
          for (const [index, { event }] of news.entries())
            if (results[index] === 'duplicate') told.delete(keyOf(event))
          for (const latest of told.values()) latest.stored = true
        },
      }
    },
  }
}

const keyOf = ({ topic, conversationId, participantId }: ConversationEvent): string =>
  `${topic} ${conversationId} ${participantId}`
