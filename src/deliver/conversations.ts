import { LRUCache } from 'lru-cache'
import type { ConversationParticipant } from '../event.ts'
import type { ParticipantsAnswer } from '../genesys/genesys.ts'

/** Who takes part in a conversation, read where rules ask for it, and kept for a moment. */
export interface Conversations {
  /** As read after the event was accepted, and not long before `at` (epoch ms); undefined: it has to be read (again). */
  participantsSince(
    conversationId: string,
    acceptedAt: number,
    at: number,
  ): readonly ConversationParticipant[] | undefined
  /** One call. What it answers is kept. */
  read(conversationId: string): Promise<ParticipantsAnswer['answer']>
}

export interface ConversationsDeps {
  readonly readParticipants: (conversationId: string) => Promise<ParticipantsAnswer>
  readonly now: () => number
}

const maxConversations = 1_000
/** From the answer on: an answer that took longer than this would otherwise be outdated when it arrives, and asked for again. */
const keptMs = 1_000

interface Reading {
  /** When it was asked for: the answer may be no newer than that. */
  readonly askedAt: number
  readonly answeredAt: number
  readonly participants: readonly ConversationParticipant[]
}

export function createConversations({ readParticipants, now }: ConversationsDeps): Conversations {
  const readings = new LRUCache<string, Reading>({ max: maxConversations })
  return {
    participantsSince: (conversationId, acceptedAt, at) => {
      const reading = readings.get(conversationId)
      if (reading === undefined || at - reading.answeredAt >= keptMs) return undefined
      // Where the clock was set back, acceptance lies ahead: no reading would ever be new enough.
      const before = reading.askedAt < acceptedAt && acceptedAt <= at
      return before ? undefined : reading.participants
    },
    read: async (conversationId) => {
      const askedAt = now()
      const { answer, participants } = await readParticipants(conversationId)
      if (participants !== undefined)
        readings.set(conversationId, { askedAt, answeredAt: now(), participants })
      return answer
    },
  }
}
