import { z } from 'zod'
import { type EventType, eventTypes } from '../../event.ts'
import { type EnvelopeResult, type FieldProblem, type JsonObject, present } from './envelope.ts'
import {
  attributes,
  entityId,
  found,
  id,
  isAbsent,
  objectOf,
  objectWith,
  readEntityId,
  readEventId,
  readFields,
  schemaOf,
  tableOf,
  text,
  time,
  word,
} from './fields.ts'
import { createOddFields, type EnvelopeName, type OddFields } from './odd-fields.ts'
import { eventTypeOf, purposeOfTopic, shortTopic } from './topics.ts'

const participantFields = tableOf({
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
})

const fields = tableOf({
  id,
  topic: text,
  occurredAt: time,
  participant: objectWith(participantFields),
  attributes,
  mediaType: word,
  direction: word,
  queueId: id,
  userId: id,
})

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
  const type = readType(item, topic, odd, problems)
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
  { type, event }: JsonObject,
  topic: string | undefined,
  odd: OddFields,
  problems: FieldProblem[],
): EventType | undefined {
  const [path, given] = isAbsent(type) ? (['event', event] as const) : (['type', type] as const)
  if (isAbsent(given) && topic !== undefined) return eventTypeOf(topic)
  const known = eventTypes.find((name) => typeof given === 'string' && name === given.trim().toLowerCase())
  if (known === undefined) {
    const what = typeof given === 'string' && given !== '' ? 'is another text' : found(given ?? undefined)
    const message = `must be ${eventTypes.join(' or ')}, but ${what}`
    problems.push({ path: isAbsent(given) ? 'type' : path, message })
  } else if (known !== given) odd.note(path, given)
  if (path === 'type' && !isAbsent(event) && !eventTypes.some((name) => name === event))
    odd.note('event', event)
  return known
}

function readParticipantId(
  { participantId, participant }: JsonObject,
  problems: FieldProblem[],
): string | undefined {
  if (!isAbsent(participantId)) return readEntityId(participantId, 'participantId', problems)
  const own = objectOf(participant)?.id
  return isAbsent(own) ? undefined : readEntityId(own, 'participant.id', problems)
}
