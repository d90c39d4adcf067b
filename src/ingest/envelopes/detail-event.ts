import { z } from 'zod'
import { type EnvelopeResult, invalid, type JsonObject, present } from './envelope.ts'
import { attributes, entityId, optional, text, time } from './fields.ts'
import { purposeOfTopic } from './topics.ts'

/** Body of `v2.detail.events.conversation.{id}.*` (SDK models *DetailEventTopic*); enums are upper-case. */
export const detailBody = z.object(
  {
    eventTime: optional(time),
    conversationId: optional(entityId),
    participantId: optional(entityId),
    sessionId: text,
    mediaType: text,
    direction: text,
    externalContactId: text,
    ani: text,
    dnis: text,
    addressTo: text,
    addressFrom: text,
    userId: text,
    queueId: text,
    attributes,
  },
  'must be an object',
)

const envelopeReader = z.compile(z.object({ conversationId: entityId, eventBody: detailBody }))

export interface DetailEnvelope {
  readonly conversationId: string
  readonly topic: string
  readonly eventBody: unknown
  /** The whole item, as the sender wrote it. */
  readonly body: JsonObject
  readonly envelopeId?: string
}

export function readDetailEvent(envelope: DetailEnvelope): EnvelopeResult {
  const parsed = envelopeReader.safeParse({
    conversationId: envelope.conversationId,
    eventBody: envelope.eventBody,
  })
  if (!parsed.success) return invalid(parsed.error)
  const { eventTime, conversationId, participantId, sessionId, ...facts } = parsed.data.eventBody
  const { ani, dnis, externalContactId, userId, queueId } = facts
  const purpose = purposeOfTopic(envelope.topic)
  const outbound = facts.direction?.toUpperCase() === 'OUTBOUND'
  const customerAddress = outbound ? (facts.addressTo ?? dnis) : (facts.addressFrom ?? ani)
  return {
    kind: 'events',
    drafts: [
      present({
        type: envelope.topic === 'customer.start' ? 'conversation:created' : 'conversation:updated',
        topic: envelope.topic,
        conversationId: conversationId ?? envelope.conversationId,
        conversationEnded: envelope.topic === 'customer.end' ? true : undefined,
        participantId,
        sessionId,
        occurredAt: eventTime,
        envelopeId: envelope.envelopeId,
        id: envelope.envelopeId,
        mediaType: facts.mediaType,
        direction: facts.direction,
        queueId,
        userId,
        attributes: facts.attributes,
        participant: present({
          purpose,
          address: purpose === 'customer' ? customerAddress : undefined,
          ani,
          dnis,
          externalContactId,
          userId,
          queueId,
          attributes: facts.attributes,
        }),
        body: envelope.body,
      }),
    ],
  }
}
