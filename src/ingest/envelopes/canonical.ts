import { z } from 'zod'
import { type EventType, eventTypes } from '../../event.ts'
import { type EnvelopeResult, type FieldProblem, type JsonObject, present } from './envelope.ts'
import {
  attributes,
  entityId,
  found,
  id,
  objectOf,
  objectWith,
  readEntityId,
  readEventId,
  readFields,
  schemaOf,
  text,
  time,
  word,
} from './fields.ts'
import { createOddFields, type EnvelopeName } from './odd-fields.ts'
import { eventTypeOf, purposeOfTopic, shortTopic } from './topics.ts'

const participantFields = {
  id,
  purpose: word,
  address: text,
  ani: text,
  dnis: text,
  externalContactId: id,
  externalId: text,
  userId: id,
  queueId: id,
  attributes,
}

const fields = {
  id,
  topic: text,
  occurredAt: time,
  participant: objectWith(participantFields),
  attributes,
  mediaType: word,
  direction: word,
  queueId: id,
  userId: id,
}

const type = z.enum(eventTypes)

/** What a relay should write. Reading takes more: see `readCanonical`. */
export const canonicalEvent = schemaOf(fields, {
  type: type.nullish(),
  event: type.nullish(),
  conversationId: entityId,
  participantId: entityId.nullish(),
})

/**
 * Envelope 1: this product's own form, which any relay can write. Only type (or topic) and the ids of conversation and participant
 * can refuse it.
 */
export function readCanonical(item: JsonObject, envelope: EnvelopeName = 'canonical'): EnvelopeResult {
  const problems: FieldProblem[] = []
  const odd = createOddFields(envelope)
  const { id, topic: topicAsSent, participant: about, ...facts } = readFields(fields, item, odd)
  const { id: _, ...own } = about ?? {}
  const topic = topicAsSent === undefined ? undefined : shortTopic(topicAsSent)
  const type = readType(item, topic, problems)
  const conversationId = readEntityId(item.conversationId, 'conversationId', problems)
  const participantId = readParticipantId(item, problems)
  if (type === undefined || conversationId === undefined || problems.length > 0)
    return { kind: 'invalid', problems }
  const eventId = readEventId(id, odd, 'id')
  const draft = present({
    ...facts,
    type,
    topic,
    id: eventId,
    envelopeId: eventId,
    conversationId,
    participantId,
    participant: present({
      ...own,
      purpose: own.purpose ?? purposeOfTopic(topic, own.queueId ?? facts.queueId),
    }),
    body: item,
  })
  return { kind: 'events', drafts: [draft], rejected: [], odd: odd.all }
}

/** `type`, or else `event`, or else what the topic stands for. */
function readType(
  item: JsonObject,
  topic: string | undefined,
  problems: FieldProblem[],
): EventType | undefined {
  const given = item.type ?? item.event
  if (given === undefined || given === null) {
    if (topic !== undefined) return eventTypeOf(topic)
  } else if (typeof given === 'string') {
    const known = eventTypes.find((name) => name === given.trim().toLowerCase())
    if (known !== undefined) return known
  }
  const path = item.type === undefined && item.event !== undefined ? 'event' : 'type'
  const what = typeof given === 'string' && given !== '' ? 'is another text' : found(given)
  problems.push({ path, message: `must be ${eventTypes.join(' or ')}, but ${what}` })
  return undefined
}

function readParticipantId(
  { participantId, participant }: JsonObject,
  problems: FieldProblem[],
): string | undefined {
  if (participantId !== undefined && participantId !== null)
    return readEntityId(participantId, 'participantId', problems)
  const own = objectOf(participant)?.id
  return own === undefined || own === null ? undefined : readEntityId(own, 'participant.id', problems)
}
