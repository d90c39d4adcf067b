import { LRUCache } from 'lru-cache'
import type { ConversationParticipant } from '../event.ts'
import type { ParticipantsAnswer } from '../genesys/genesys.ts'

/** Who takes part in a conversation, read where rules ask for it, and kept for a moment. */
export interface Conversations {
  /** As read after the event was accepted (epoch ms), but not long ago; undefined: it has to be read (again). */
  participantsSince(
    conversationId: string,
    acceptedAt: number,
  ): readonly ConversationParticipant[] | undefined
  /** One call. What it answers is kept. */
  read(conversationId: string): Promise<ParticipantsAnswer['answer']>
}

export interface ConversationsDeps {
  readonly readParticipants: (conversationId: string) => Promise<ParticipantsAnswer>
  readonly now: () => number
}

const maxConversations = 1_000
const keptMs = 1_000

interface Reading {
  /** When it was asked for: the answer may be no newer than that. */
  readonly askedAt: number
  readonly participants: readonly ConversationParticipant[]
}

export function createConversations({ readParticipants, now }: ConversationsDeps): Conversations {
  const readings = new LRUCache<string, Reading>({ max: maxConversations })
  return {
    participantsSince: (conversationId, acceptedAt) => {
      const reading = readings.get(conversationId)
      if (reading === undefined || now() - reading.askedAt >= keptMs) return undefined
      // Where the clock was set back, acceptance lies ahead: no reading would ever be new enough.
      const before = reading.askedAt < acceptedAt && acceptedAt <= now()
      return before ? undefined : reading.participants
    },
    read: async (conversationId) => {
      const askedAt = now()
      const { answer, participants } = await readParticipants(conversationId)
      if (participants !== undefined) readings.set(conversationId, { askedAt, participants })
      return answer
    },
  }
}
