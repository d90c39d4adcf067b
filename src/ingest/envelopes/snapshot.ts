import { z } from 'zod'
import { isObject, unwrapJson } from '../../values/json.ts'
import { withoutUndefined } from '../../values/without-undefined.ts'
import { entityId, readEntityId } from '../identity.ts'
import {
  type DraftEvent,
  describeType,
  type EnvelopeResult,
  type FieldProblem,
  isAbsent,
  type JsonObject,
  type NotificationContext,
} from './envelope.ts'
import {
  type FieldKind,
  type FieldValues,
  firstText,
  listOf,
  participantKinds,
  readFields,
  reference,
  schemaOf,
  tableOf,
  time,
  withDescription,
  word,
} from './fields.ts'
import { mediaTypeOfArray, mediaTypeOfTopic } from './topics.ts'

/**
 * Each participant becomes an event with the whole item as its body, so the size grows with the square of the participants.
 * Above these limits, the body has only the event's own participant and short values of the conversation.
 */
const maxParticipantsKept = 100
const maxKeptBytes = 8_388_608
const maxShortLength = 200

/** Whether a field has a time. An unreadable time counts too: it means that the medium has ended. */
const hasTime: FieldKind<true> = {
  read: (value, at) => {
    if (value !== '' && value !== 0 && value !== false) return true
    at.note(value)
    return undefined
  },
  schema: z.string(),
}

const media = listOf(
  tableOf({ state: word, direction: word, disconnectedTime: hasTime, callbackNumbers: firstText }),
)

/** A participant of a conversation notification (SDK models QueueConversation*EventTopicParticipant). */
const fields = tableOf({
  ...participantKinds,
  user: withDescription(reference, 'The agent, if `userId` is absent.'),
  queue: withDescription(reference, 'The queue, if `queueId` is absent.'),
  mediaType: word,
  direction: word,
  callbackNumbers: firstText,
  endTime: withDescription(
    time,
    'If every customer has one, the conversation has ended. The service then processes live conversations first.',
  ),
})

const arrays = Object.entries(mediaTypeOfArray)
const mediaFields = tableOf(Object.fromEntries(arrays.map(([name]) => [name, media])))

export const snapshotBody = z.object({
  id: entityId.describe('The conversation.'),
  participants: z
    .array(schemaOf(tableOf({ ...fields.kinds, ...mediaFields.kinds }), { id: entityId }))
    .nullish(),
})

type Medium = ReturnType<typeof mediaIn>[number]

/** Reads one event per participant. An invalid participant does not reject the others. */
export function readSnapshot(topic: string, context: NotificationContext): EnvelopeResult {
  const { odd, envelopeId, item, body, path } = context
  const problems: FieldProblem[] = []
  const conversationId = readEntityId(body.id, `${path}.id`, problems)
  if (conversationId === undefined) return { kind: 'invalid', problems }
  const all = participantsOf(body.participants)
  if (all !== body.participants && !isAbsent(body.participants))
    odd.note(`${path}.participants`, body.participants)
  const participants = all
    .map((value, index) => readParticipant(value, index, context, problems))
    .filter((participant) => participant !== undefined)
  if (participants.length === 0)
    return problems.length > 0 ? { kind: 'invalid', problems } : { kind: 'ignored', odd: odd.all }

  const customers = participants.filter(({ facts }) => isCustomer(facts))
  const occurredAt = context.occurredAt?.()
  const ended = customers.length > 0 && customers.every(({ facts }) => facts.endTime !== undefined)
  const isKept = all.length <= maxParticipantsKept && isSmall(item, all.length)
  const drafts = participants.map(({ id: participantId, facts, media, asSent }): DraftEvent => {
    const { purpose, ani, dnis, externalContactId } = facts
    const userId = facts.userId ?? facts.user
    const queueId = facts.queueId ?? facts.queue
    const knownType = facts.mediaType ?? mediaTypeOfTopic(topic)
    const medium = mediumOf(media, knownType)
    const mediaType = knownType ?? medium?.mediaType
    return withoutUndefined({
      type: 'conversation:updated' as const,
      topic,
      conversationId,
      participantId,
      identityPart: participantId,
      participantAsSent: asSent,
      conversationEnded: ended ? (true as const) : undefined,
      occurredAt,
      envelopeId,
      id: envelopeId,
      mediaType,
      direction: facts.direction ?? medium?.direction,
      userId,
      queueId,
      attributes: facts.attributes,
      participant: withoutUndefined({
        purpose,
        address: addressOf(facts, mediaType, medium),
        ani,
        dnis,
        externalContactId,
        userId,
        queueId,
        attributes: facts.attributes,
      }),
      body: isKept ? item : reduced(context, asSent, all.length - 1),
    })
  })
  return { kind: 'events', drafts, rejected: problems, odd: odd.all }
}

function readParticipant(
  value: unknown,
  index: number,
  { odd, path: bodyPath }: NotificationContext,
  problems: FieldProblem[],
) {
  const path = `${bodyPath}.participants`
  if (!isObject(value)) {
    problems.push({ path: `${path}.${index}`, message: `must be an object, but ${describeType(value)}` })
    return undefined
  }
  const id = readEntityId(value.id, `${path}.${index}.id`, problems)
  if (id === undefined) return undefined
  const facts = readFields(fields, value, odd, `${path}[].`)
  return { id, facts, media: mediaIn(readFields(mediaFields, value, odd, `${path}[].`)), asSent: value }
}

/** The participants as an array. Accepts JSON text, and an object with the participants as values. */
function participantsOf(list: unknown): readonly unknown[] {
  if (Array.isArray(list)) return list
  const unwrapped = unwrapJson(list)
  const value = unwrapped.kind === 'json' ? unwrapped.value : undefined
  if (Array.isArray(value)) return value
  return isObject(value) ? Object.values(value).filter((each) => isObject(each) && !isAbsent(each.id)) : []
}

/** Whether one copy per participant stays within the limit. A few copies always do, because MAX_BODY_BYTES limits the body. */
const isSmall = (item: JsonObject, copies: number): boolean =>
  copies <= 8 || JSON.stringify(item).length * copies <= maxKeptBytes

/** The item with one participant and only the short values of the conversation. */
const reduced = (
  { body, withEventBody }: NotificationContext,
  participant: JsonObject,
  participantsOmitted: number,
): JsonObject => withEventBody({ ...shortOf(body), participants: [participant], participantsOmitted })

const shortOf = (fields: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) =>
        (typeof value === 'string' && value.length <= maxShortLength) ||
        typeof value === 'number' ||
        typeof value === 'boolean',
    ),
  )

const isCustomer = ({ purpose }: FieldValues<typeof fields>): boolean =>
  purpose === 'customer' || purpose === 'external'

const mediaIn = (values: FieldValues<typeof mediaFields>) =>
  arrays.flatMap(([name, mediaType]) => (values[name] ?? []).map((one) => ({ ...one, mediaType })))

/** The medium that the participant uses: the known type first, then live before ended, then the order of the arrays. */
function mediumOf(media: readonly Medium[], knownType: string | undefined): Medium | undefined {
  const ofType = media.filter(({ mediaType }) => mediaType === knownType)
  const candidates = ofType.length > 0 ? ofType : media
  return candidates.find(isLive) ?? candidates[0]
}

const endStates: readonly (string | undefined)[] = ['disconnected', 'terminated']

const isLive = ({ state, disconnectedTime }: Medium): boolean =>
  disconnectedTime === undefined && !endStates.includes(state)

/** The address; for the customer of a callback, the callback number. */
function addressOf(
  facts: FieldValues<typeof fields>,
  mediaType: string | undefined,
  medium: Medium | undefined,
): string | undefined {
  const called = mediaType === 'callback' && isCustomer(facts)
  return (called ? (facts.callbackNumbers ?? medium?.callbackNumbers) : undefined) ?? facts.address
}
