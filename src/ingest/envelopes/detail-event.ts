import { withoutUndefined } from '../../values/without-undefined.ts'
import { entityId, readEntityId } from '../identity.ts'
import { type EnvelopeResult, type FieldProblem, isAbsent, type NotificationContext } from './envelope.ts'
import {
  type FieldValues,
  firstText,
  id,
  listOf,
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
import { eventTypeOf, purposeOfTopic, type Topic } from './topics.ts'

const fields = tableOf({
  eventTime: withDescription(time, timeForms),
  sessionId: id,
  purpose: word,
  mediaType: withDescription(word, 'In any letter case. Rules see `voice`.'),
  direction: withDescription(word, 'In any letter case. Rules see `inbound` or `outbound`.'),
  externalContactId: id,
  ani: text,
  dnis: text,
  addressTo: text,
  addressFrom: text,
  callbackNumbers: firstText,
  userId: id,
  queueId: id,
  attributes: participantKinds.attributes,
  communications: listOf(tableOf({ mediaType: word })),
})

/** Body of `v2.detail.events.conversation.{id}.*` (SDK models *DetailEventTopic*). */
export const detailBody = schemaOf(fields, {
  conversationId: entityId.nullish().describe('Default: the id in the topic.'),
  participantId: entityId.nullish().describe('The participant of the event.'),
})

export function readDetailEvent(
  { conversationId: topicConversationId, topic }: Extract<Topic, { kind: 'detail' }>,
  { odd, prefix, path, item, body, envelopeId, occurredAt }: NotificationContext,
): EnvelopeResult {
  const problems: FieldProblem[] = []
  const isTopicIdRedundant = topicConversationId === undefined || topicConversationId === body.conversationId
  const inTopic = isTopicIdRedundant
    ? undefined
    : readEntityId(topicConversationId, `${prefix}topicName`, problems)
  const conversationId =
    isAbsent(body.conversationId) && topicConversationId !== undefined
      ? inTopic
      : readEntityId(body.conversationId, `${path}.conversationId`, problems)
  const participantId = isAbsent(body.participantId)
    ? undefined
    : readEntityId(body.participantId, `${path}.participantId`, problems)
  if (conversationId === undefined || problems.length > 0) return { kind: 'invalid', problems }

  const facts = readFields(fields, body, odd, `${path}.`)
  const { ani, dnis, externalContactId, userId, queueId, direction } = facts
  const purpose = facts.purpose ?? purposeOfTopic(topic, queueId)
  const mediaType = facts.mediaType ?? facts.communications?.find((one) => one.mediaType)?.mediaType
  const draft = withoutUndefined({
    type: eventTypeOf(topic),
    topic,
    conversationId,
    conversationEnded: topic === 'customer.end' ? (true as const) : undefined,
    participantId,
    sessionId: facts.sessionId,
    occurredAt: facts.eventTime ?? occurredAt?.(),
    envelopeId,
    id: envelopeId,
    mediaType,
    direction,
    queueId,
    userId,
    attributes: facts.attributes,
    participant: withoutUndefined({
      purpose,
      address: purpose === 'customer' ? customerAddress(facts, mediaType) : undefined,
      ani,
      dnis,
      externalContactId,
      userId,
      queueId,
      attributes: facts.attributes,
    }),
    body: item,
  })
  return { kind: 'events', drafts: [draft], rejected: [], odd: odd.all }
}

/** The remote address: the number of a callback, the callee of an outbound call, or the caller of an inbound call. */
function customerAddress(
  facts: FieldValues<typeof fields>,
  mediaType: string | undefined,
): string | undefined {
  if (mediaType === 'callback' && facts.callbackNumbers !== undefined) return facts.callbackNumbers
  return facts.direction === 'outbound' ? facts.addressTo || facts.dnis : facts.addressFrom || facts.ani
}
