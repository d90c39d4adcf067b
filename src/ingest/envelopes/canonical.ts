import { z } from 'zod'
import { type EventType, eventTypes } from '../../event.ts'
import { isUnfilledTemplate } from '../../values/normal-forms.ts'
import { type EnvelopeResult, type FieldProblem, found, type JsonObject, present } from './envelope.ts'
import {
  attributes,
  id,
  isAbsent,
  objectOf,
  objectWith,
  participantKinds,
  text,
  time,
  timeForms,
  word,
} from './field-kinds.ts'
import { described, type FieldValues, readFields, schemaOf, tableOf } from './field-tables.ts'
import { entityId, isEntityId, readEntityId, readEventId } from './ids.ts'
import { createOddFields, type EnvelopeName, type OddFields } from './odd-fields.ts'
import { eventTypeOf, isTopicName, mediaTypeOfTopic, purposeOfTopic, shortTopic } from './topics.ts'

const participantFields = tableOf({ ...participantKinds, externalId: text })

const fields = tableOf({
  id: described(id, 'Makes a second delivery known as such. Give one where you can.'),
  topic: described(text, 'What rules listen to as well, such as `customer.start`.'),
  occurredAt: described(
    time,
    `${timeForms} Of two values the later one wins. Absent: the time of acceptance.`,
  ),
  participant: described(
    objectWith(participantFields, { id: entityId.nullish() }),
    'What is known of that participant.',
  ),
  attributes: described(attributes, 'Attributes that the event reports, by name.'),
  mediaType: word,
  direction: word,
  queueId: id,
  userId: id,
})

const type = z.enum(eventTypes)

/** What a relay should write. Reading takes more: see `readCanonical`. */
export const canonicalEvent = schemaOf(fields, {
  type: type.nullish().describe('What rules listen to.'),
  event: type.nullish().describe('Another name of `type`.'),
  conversationId: entityId.describe('The conversation in Genesys Cloud.'),
  participantId: entityId
    .nullish()
    .describe('The participant that the event is about; `participant.id` says the same.'),
})

/**
 * Envelope 1: this product's own form, which any relay can write. Only type (or topic) and the ids of conversation and participant
 * can refuse it.
 */
export function readCanonical(item: JsonObject, envelope: EnvelopeName = 'canonical'): EnvelopeResult {
  const problems: FieldProblem[] = []
  const odd = createOddFields(envelope)
  const facts = readFields(fields, item, odd)
  const { queueId, participant: about } = facts
  const topic = isTopicName(facts.topic) ? shortTopic(facts.topic) : undefined
  if (topic === undefined && facts.topic !== undefined) odd.note('topic', facts.topic)
  const type = readType(item, topic, odd, problems)
  const conversationId = readEntityId(item.conversationId, 'conversationId', problems)
  const participantId = readParticipantId(item, odd, problems)
  if (type === undefined || conversationId === undefined || problems.length > 0)
    return { kind: 'invalid', problems }
  const eventId = readEventId(facts.id, odd, 'id')
  // Field by field: spreading would be a good part of the work of reading an event.
  const draft = present({
    type,
    topic,
    id: eventId,
    envelopeId: eventId,
    conversationId,
    participantId,
    occurredAt: facts.occurredAt,
    mediaType: facts.mediaType ?? (topic === undefined ? undefined : mediaTypeOfTopic(topic)),
    direction: facts.direction,
    queueId,
    userId: facts.userId,
    attributes: facts.attributes,
    participant: withPurpose(about, purposeOfTopic(topic, about?.queueId ?? queueId)),
    body: item,
  })
  return { kind: 'events', drafts: [draft], rejected: [], odd: odd.all }
}

const withPurpose = (
  about: FieldValues<typeof participantFields> = {},
  purpose: string | undefined,
): FieldValues<typeof participantFields> =>
  about.purpose !== undefined || purpose === undefined ? about : { ...about, purpose }

/** `type`, or else `event`, or else what the topic stands for. */
function readType(
  { type, event }: JsonObject,
  topic: string | undefined,
  odd: OddFields,
  problems: FieldProblem[],
): EventType | undefined {
  for (const [name, value] of Object.entries({ type, event }))
    if (!isAbsent(value) && isMissing(value)) odd.note(name, value)
  const [path, given] = isMissing(type) ? (['event', event] as const) : (['type', type] as const)
  if (isMissing(given) && topic !== undefined) return eventTypeOf(topic)
  const known = eventTypes.find((name) => name === given) ?? typeInAnyCase(given)
  if (known === undefined) {
    const shown = isMissing(given) ? (type ?? event) : given
    const what =
      typeof shown === 'string' && !isMissing(shown) ? 'is another text' : found(shown ?? undefined)
    const message = `must be ${eventTypes.join(' or ')}, but ${what}`
    problems.push({ path: isMissing(given) ? 'type' : path, message })
  } else if (known !== given) odd.note(path, given)
  if (path === 'type' && !isMissing(event) && !eventTypes.some((name) => name === event))
    odd.note('event', event)
  return known
}

/** A relay's template for a value that it lacks yields an empty text, or stays as it is. */
const isMissing = (given: unknown): boolean =>
  isAbsent(given) || (typeof given === 'string' && given.trim() === '') || isUnfilledTemplate(given)

const typeInAnyCase = (given: unknown): EventType | undefined =>
  eventTypes.find((name) => typeof given === 'string' && name === given.trim().toLowerCase())

function readParticipantId(
  { participantId, participant }: JsonObject,
  odd: OddFields,
  problems: FieldProblem[],
): string | undefined {
  const own = objectOf(participant)?.id
  if (!isAbsent(participantId)) {
    if (!isAbsent(own) && !isEntityId(own)) odd.note('participant.id', own)
    return readEntityId(participantId, 'participantId', problems)
  }
  return isAbsent(own) ? undefined : readEntityId(own, 'participant.id', problems)
}
