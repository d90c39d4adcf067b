import { z } from 'zod'
import {
  type DraftEvent,
  type EnvelopeResult,
  foreign,
  invalid,
  isObject,
  type JsonObject,
  present,
} from './envelope.ts'
import { attributes, entityId, optional, text, time } from './fields.ts'

/** Each participant becomes an event that holds the whole snapshot: more than any real conversation has is refused. */
const maxParticipants = 100

const reference = optional(z.object({ id: text }))
const media = optional(z.array(z.object({ direction: text })))

/** The arrays of a participant, and the media type that each stands for. */
const mediaTypes = {
  calls: 'voice',
  callbacks: 'callback',
  chats: 'chat',
  emails: 'email',
  messages: 'message',
} as const

/** Participant of a conversation notification (SDK models QueueConversation*EventTopicParticipant); enums are lower-case. */
const snapshotParticipant = z.object({
  id: entityId,
  purpose: text,
  address: text,
  ani: text,
  dnis: text,
  externalContactId: text,
  userId: text,
  user: reference,
  queueId: text,
  queue: reference,
  direction: text,
  endTime: text,
  attributes,
  calls: media,
  callbacks: media,
  chats: media,
  emails: media,
  messages: media,
})

export const snapshotBody = z.object(
  {
    id: entityId,
    participants: optional(
      z
        .array(snapshotParticipant)
        // No `max`: it would look at the `length` of what is no list.
        .refine((list) => list.length <= maxParticipants, `must be at most ${maxParticipants}`)
        .meta({ maxItems: maxParticipants }),
    ),
  },
  'must be an object',
)

const envelopeReader = z.compile(z.object({ eventBody: snapshotBody }))

export interface SnapshotEnvelope {
  readonly topic: string
  readonly eventBody: unknown
  readonly body: JsonObject
  readonly envelopeId?: string
  /** Snapshots carry no time of their own; an envelope may. */
  readonly time?: unknown
}

/** One event per participant of the conversation. */
export function readSnapshot(envelope: SnapshotEnvelope): EnvelopeResult {
  const parsed = envelopeReader.safeParse(envelope)
  if (!parsed.success) return invalid(parsed.error)
  const { id: conversationId, participants } = parsed.data.eventBody
  const sent = participantsAsSent(envelope.eventBody)
  const occurredAt = time.safeParse(envelope.time).data
  const customers = (participants ?? []).filter(
    ({ purpose }) => purpose === 'customer' || purpose === 'external',
  )
  const conversationEnded = customers.length > 0 && customers.every(({ endTime }) => endTime !== undefined)
  const drafts = (participants ?? []).map((participant, index): DraftEvent => {
    const {
      id: participantId,
      user,
      queue,
      calls,
      callbacks,
      chats,
      emails,
      messages,
      ...facts
    } = participant
    const arrays = { calls, callbacks, chats, emails, messages }
    const first = Object.entries(mediaTypes).find(
      ([name]) => (arrays[name as keyof typeof arrays]?.length ?? 0) > 0,
    )
    const firstMedia = first && arrays[first[0] as keyof typeof arrays]?.[0]
    const userId = facts.userId ?? user?.id
    const queueId = facts.queueId ?? queue?.id
    return present({
      type: 'conversation:updated',
      topic: envelope.topic,
      conversationId,
      participantId,
      part: participantId,
      said: sent[index],
      conversationEnded: conversationEnded ? true : undefined,
      occurredAt,
      envelopeId: envelope.envelopeId,
      id: envelope.envelopeId,
      mediaType: first?.[1],
      direction: facts.direction ?? firstMedia?.direction,
      userId,
      queueId,
      attributes: facts.attributes,
      participant: present({ ...facts, direction: undefined, endTime: undefined, userId, queueId }),
      body: envelope.body,
    })
  })
  return drafts.length === 0 ? foreign : { kind: 'events', drafts }
}

/** All that is said of them, not only what becomes a field: rules find the rest, such as the state of a call, in the body. */
const participantsAsSent = (eventBody: unknown): readonly unknown[] =>
  isObject(eventBody) && Array.isArray(eventBody.participants) ? eventBody.participants : []
