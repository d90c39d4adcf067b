import { z } from 'zod'
import { type EventType, eventTypes } from '../../event.ts'
import { isFilledText } from '../../values/normal-forms.ts'
import { withoutUndefined } from '../../values/without-undefined.ts'
import { entityId, isEntityId, readEntityId, readEventId } from '../identity.ts'
import {
  describeType,
  type EnvelopeResult,
  type FieldProblem,
  isAbsent,
  type JsonObject,
  objectOf,
} from './envelope.ts'
import {
  attributes,
  type FieldValues,
  id,
  objectWith,
  participantKinds,
  readFields,
  schemaOf,
  tableOf,
  text,
  time,
  timeForms,
  withDescription,
  word,
} from './fields.ts'
import { type EnvelopeName, OddFields } from './odd-fields.ts'
import { eventTypeOf, maxTopicLength, mediaTypeOfTopic, purposeOfTopic, shortTopic } from './topics.ts'

const participantFields = tableOf({ ...participantKinds, externalId: text })

const fields = tableOf({
  id: withDescription(id, 'Identifies duplicates. Send one if you can.'),
  topic: withDescription(
    text,
    `The topic, such as \`customer.start\`. Rules can listen to it. Ignored if longer than ${maxTopicLength} characters.`,
  ),
  occurredAt: withDescription(
    time,
    `${timeForms} The later of two values wins. Default: the time of acceptance.`,
  ),
  participant: withDescription(
    objectWith(participantFields, { id: entityId.nullish() }),
    'The known fields of the participant.',
  ),
  attributes: withDescription(attributes, 'Participant attributes in the event, by name.'),
  mediaType: word,
  direction: word,
  queueId: id,
  userId: id,
})

const type = z.enum(eventTypes)

/** The documented form. `readCanonical` accepts more. */
export const canonicalEvent = schemaOf(fields, {
  type: type.nullish().describe('The event type. Rules listen to it.'),
  event: type.nullish().describe('Alias of `type`.'),
  conversationId: entityId.describe('The Genesys Cloud conversation id.'),
  participantId: entityId.nullish().describe('The participant of the event. Alias: `participant.id`.'),
})

/**
 * Reads this product's own envelope, which any relay can write. Only an invalid type (or topic), conversation id or
 * participant id rejects the event.
 */
export function readCanonical(item: JsonObject, envelope: EnvelopeName = 'canonical'): EnvelopeResult {
  const problems: FieldProblem[] = []
  const odd = new OddFields(envelope)
  const facts = readFields(fields, item, odd)
  const { queueId, participant: about } = facts
  const topic = isFilledText(facts.topic) ? shortTopic(facts.topic) : undefined
  if (topic === undefined && facts.topic !== undefined) odd.note('topic', facts.topic)
  const type = readType(item, topic, odd, problems)
  const conversationId = readEntityId(item.conversationId, 'conversationId', problems)
  const participantId = readParticipantId(item, odd, problems)
  if (type === undefined || conversationId === undefined || problems.length > 0)
    return { kind: 'invalid', problems }
  const eventId = readEventId(facts.id, odd, 'id')
  // Field by field, because spreading objects is slow on this hot path.
  const draft = withoutUndefined({
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

/** Reads `type`, else `event`, else derives the type from the topic. */
function readType(
  { type, event }: JsonObject,
  topic: string | undefined,
  odd: OddFields,
  problems: FieldProblem[],
): EventType | undefined {
  if (isAbsent(event) && isEventType(type)) return type // nearly always
  if (!isAbsent(type) && isMissing(type)) odd.note('type', type)
  if (!isAbsent(event) && isMissing(event)) odd.note('event', event)
  const [path, given] = isMissing(type) ? (['event', event] as const) : (['type', type] as const)
  if (isMissing(given) && topic !== undefined) return eventTypeOf(topic)
  const known = typeInAnyCase(given)
  if (known === undefined) {
    const shown = isMissing(given) ? (type ?? event) : given
    const what =
      typeof shown === 'string' && !isMissing(shown) ? 'is other text' : describeType(shown ?? undefined)
    const message = `must be ${eventTypes.join(' or ')}, but ${what}`
    problems.push({ path: isMissing(given) ? 'type' : path, message })
  } else if (known !== given) odd.note(path, given)
  if (path === 'type' && !isMissing(event) && !isEventType(event)) odd.note('event', event)
  return known
}

const isEventType = (given: unknown): given is EventType => eventTypes.some((name) => name === given)

/** If a relay lacks a value, its template leaves an empty string or the unfilled placeholder. */
const isMissing = (given: unknown): boolean =>
  isAbsent(given) || (typeof given === 'string' && !isFilledText(given))

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
