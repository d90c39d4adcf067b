import { z } from 'zod'
import {
  type DraftEvent,
  type EnvelopeResult,
  type FieldProblem,
  foreign,
  found,
  isObject,
  type JsonObject,
  type NotificationContext,
  present,
} from './envelope.ts'
import {
  described,
  type FieldValues,
  firstText,
  isAbsent,
  listOf,
  objectOf,
  participantKinds,
  readFields,
  reference,
  schemaOf,
  tableOf,
  text,
  time,
  word,
} from './fields.ts'
import { entityId, readEntityId } from './ids.ts'
import { mediaTypeOfArray, mediaTypeOfTopic } from './topics.ts'

/**
 * Each participant becomes an event, and each event keeps the original. With more participants than this it keeps only its own
 * one of them, so that a snapshot does not take space by the square of its participants; `participantsOmitted` counts the others.
 */
const maxParticipantsKept = 100

const media = listOf(
  tableOf({ state: word, direction: word, disconnectedTime: text, callbackNumbers: firstText }),
)

type Media = NonNullable<ReturnType<typeof media.read>>[number]

/** Participant of a conversation notification (SDK models QueueConversation*EventTopicParticipant). */
const fields = tableOf({
  ...participantKinds,
  user: described(reference, 'The agent, where `userId` is absent.'),
  queue: described(reference, 'The queue, where `queueId` is absent.'),
  mediaType: word,
  direction: word,
  callbackNumbers: firstText,
  endTime: described(
    time,
    'If each customer has one, the conversation has ended, and live conversations go first.',
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

interface SnapshotParticipant {
  readonly id: string
  readonly facts: FieldValues<typeof fields>
  readonly medium: Medium | undefined
  readonly asSent: JsonObject
}

interface Medium extends Media {
  readonly mediaType: string
}

/** One event per participant of the conversation. One that cannot be read is rejected alone. */
export function readSnapshot(topic: string, context: NotificationContext): EnvelopeResult {
  const { odd, envelopeId, item } = context
  const path = `${context.prefix}eventBody`
  const body = objectOf(context.eventBody)
  if (body === undefined)
    return {
      kind: 'invalid',
      problems: [{ path, message: `must be an object, but ${found(context.eventBody)}` }],
    }
  const problems: FieldProblem[] = []
  if (body !== context.eventBody) odd.note(path, context.eventBody)
  const conversationId = readEntityId(body.id, `${path}.id`, problems)
  if (conversationId === undefined) return { kind: 'invalid', problems }
  const { participants: list } = body
  if (!isAbsent(list) && !Array.isArray(list)) odd.note(`${path}.participants`, list)
  const all: readonly unknown[] = Array.isArray(list) ? list : []
  const participants = all
    .map((value, index) => readParticipant(value, index, context, problems))
    .filter((participant) => participant !== undefined)
  if (participants.length === 0) return problems.length > 0 ? { kind: 'invalid', problems } : foreign

  const customers = participants.filter(isCustomer)
  const omitted = all.length - 1
  const occurredAt = context.occurredAt?.()
  const ended = customers.length > 0 && customers.every(({ facts }) => facts.endTime !== undefined)
  const drafts = participants.map(({ id: participantId, facts, medium, asSent }): DraftEvent => {
    const { purpose, ani, dnis, externalContactId } = facts
    const userId = facts.userId ?? facts.user
    const queueId = facts.queueId ?? facts.queue
    const mediaType = facts.mediaType ?? mediaTypeOfTopic(topic) ?? medium?.mediaType
    return present({
      type: 'conversation:updated' as const,
      topic,
      conversationId,
      participantId,
      part: participantId,
      said: asSent,
      conversationEnded: ended ? (true as const) : undefined,
      occurredAt,
      envelopeId,
      id: envelopeId,
      mediaType,
      direction: facts.direction ?? medium?.direction,
      userId,
      queueId,
      attributes: facts.attributes,
      participant: present({
        purpose,
        address: addressOf(facts, mediaType, medium),
        ani,
        dnis,
        externalContactId,
        userId,
        queueId,
        attributes: facts.attributes,
      }),
      body:
        omitted < maxParticipantsKept
          ? item
          : context.withEventBody({ ...body, participants: [asSent], participantsOmitted: omitted }),
    })
  })
  return { kind: 'events', drafts, rejected: problems, odd: odd.all }
}

function readParticipant(
  value: unknown,
  index: number,
  { odd, prefix }: NotificationContext,
  problems: FieldProblem[],
): SnapshotParticipant | undefined {
  const path = `${prefix}eventBody.participants`
  if (!isObject(value)) {
    problems.push({ path: `${path}.${index}`, message: `must be an object, but ${found(value)}` })
    return undefined
  }
  const id = readEntityId(value.id, `${path}.${index}.id`, problems)
  if (id === undefined) return undefined
  const facts = readFields(fields, value, odd, `${path}[].`)
  return { id, facts, medium: mediumOf(readFields(mediaFields, value, odd, `${path}[].`)), asSent: value }
}

const isCustomer = ({ facts: { purpose } }: { readonly facts: FieldValues<typeof fields> }): boolean =>
  purpose === 'customer' || purpose === 'external'

/** The medium that the participant uses: a live one before one that has ended, in the order of the arrays. */
function mediumOf(values: FieldValues<typeof mediaFields>): Medium | undefined {
  const used = arrays.flatMap(([name, mediaType]) =>
    (values[name] ?? []).map((one): Medium => ({ ...one, mediaType })),
  )
  return used.find(isLive) ?? used[0]
}

const endStates: readonly (string | undefined)[] = ['disconnected', 'terminated']

const isLive = ({ state, disconnectedTime }: Medium): boolean =>
  disconnectedTime === undefined && !endStates.includes(state)

/** Of a callback's customer, the number that is called. */
function addressOf(
  facts: FieldValues<typeof fields>,
  mediaType: string | undefined,
  medium: Medium | undefined,
): string | undefined {
  const called = mediaType === 'callback' && isCustomer({ facts })
  return (called ? (facts.callbackNumbers ?? medium?.callbackNumbers) : undefined) ?? facts.address
}
