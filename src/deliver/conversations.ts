import type { ConversationParticipant } from '../event.ts'
import type { Answer } from '../genesys/classify.ts'
import type { Genesys } from '../genesys/genesys.ts'
import { createGrowingCache } from '../values/growing-cache.ts'

/** The participants of conversations, read when rules need them and cached briefly. */
export interface Conversations {
  /** As read after the event was accepted and shortly before `at` (epoch ms); undefined: read it (again). */
  participantsSince(
    conversationId: string,
    acceptedAt: number,
    at: number,
  ): readonly ConversationParticipant[] | undefined
  /** Makes one call and caches its answer. */
  read(conversationId: string): Promise<Answer>
}

export interface ConversationsDeps extends Pick<Genesys, 'readParticipants'> {
  readonly now: () => number
}

const maxConversations = 1_000
/** Counts from the answer, because a call that took longer than this would otherwise be outdated on arrival. */
const keptMs = 1_000

interface Reading {
  /** When the call was made: the answer may be no newer. */
  readonly askedAt: number
  readonly answeredAt: number
  readonly participants: readonly ConversationParticipant[]
}

export function createConversations({ readParticipants, now }: ConversationsDeps): Conversations {
  const readings = createGrowingCache<string, Reading>(maxConversations)
  return {
    participantsSince: (conversationId, acceptedAt, at) => {
      const reading = readings.get(conversationId)
      if (reading === undefined || at - reading.answeredAt >= keptMs) return undefined
      // After the clock was set back, acceptance lies in the future and no reading would ever be new enough.
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
