import { z } from 'zod'
import { eventTypes } from '../../event.ts'
import { type EnvelopeResult, invalid, type JsonObject, present } from './envelope.ts'
import { attributes, entityId, eventId, optional, text, time } from './fields.ts'
import { purposeOfTopic } from './topics.ts'

const participant = z.object(
  {
    id: optional(entityId),
    purpose: text,
    address: text,
    ani: text,
    dnis: text,
    externalContactId: text,
    externalId: text,
    userId: text,
    queueId: text,
    attributes,
  },
  'must be an object',
)

const type = z.enum(eventTypes, { error: `must be ${eventTypes.join(' or ')}` })

export const canonicalEvent = z
  .object({
    id: optional(eventId),
    type: optional(type),
    event: optional(type),
    topic: text,
    occurredAt: optional(time),
    conversationId: entityId,
    participantId: optional(entityId),
    participant: optional(participant),
    attributes,
    mediaType: text,
    direction: text,
    queueId: text,
    userId: text,
  })
  .refine((event) => event.type !== undefined || event.event !== undefined, {
    path: ['type'],
    message: `must be ${eventTypes.join(' or ')}`,
  })

const canonicalReader = z.compile(canonicalEvent)

/** Envelope 1: this product's own form, which any relay can write. */
export function readCanonical(item: JsonObject): EnvelopeResult {
  const parsed = canonicalReader.safeParse(item)
  if (!parsed.success) return invalid(parsed.error)
  const { id, type, event, participant, participantId, ...facts } = parsed.data
  const { id: participantOwnId, ...own } = participant ?? { id: undefined }
  const eventType = type ?? event
  if (eventType === undefined) throw new Error('unreachable: the schema demands type or event')
  return {
    kind: 'events',
    drafts: [
      present({
        ...facts,
        type: eventType,
        id,
        envelopeId: id,
        participantId: participantId ?? participantOwnId,
        participant: present({ ...own, purpose: participant?.purpose ?? purposeOfTopic(facts.topic) }),
        body: item,
      }),
    ],
  }
}
