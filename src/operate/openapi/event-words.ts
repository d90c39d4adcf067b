import type { eventSchemas } from './events.ts'

/** What the description says of an event and of its fields, by their path; `[]` stands for each item of a list. */
export interface Words {
  readonly description: string
  readonly fields?: Readonly<Record<string, string>>
}

const when =
  'When it happened: ISO 8601 (UTC if it has no zone) or RFC 2822, or a number of milliseconds or seconds since 1970.'
const attributes = 'Attributes of the participant, by name. Numbers and booleans are read as text.'
const participant = {
  purpose: 'Such as `customer`, `agent`, `acd`.',
  address: 'Such as `tel:+13175550100`.',
  externalContactId: 'The external contact in Genesys Cloud.',
  userId: 'The agent.',
  queueId: 'The queue.',
  attributes,
}
const of = (path: string, fields: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(fields).map(([name, words]) => [`${path}.${name}`, words]))

const topics = {
  topicName: 'Tells what the notification is about.',
  version: 'Kept, not read.',
  metadata: 'Kept, not read.',
}

export const eventWords: Readonly<Record<keyof typeof eventSchemas, Words>> = {
  Event: {
    description:
      'One event, in any envelope. They are told apart by their shape: `specversion` beside data is a CloudEvent, `detail-type` an EventBridge event, `topicName` a notification; all else is a canonical event, unless a mapping of the rules file reads it: of the forms that it reads this description does not know. `null` counts as absent, further fields are kept, and rules see them as `event.body`.',
  },
  CanonicalEvent: {
    description:
      'The form for relays of your own. Required are `conversationId`, and `type` (or `event`, or a `topic` it follows from); in practice also `participantId`, because values are set on a participant. No other field refuses an event: one of another type or form counts as absent, a number in place of a text is read as that text.',
    fields: {
      id: 'Makes a second delivery known as such. Give one where you can.',
      type: 'What rules listen to.',
      event: 'Another name of `type`.',
      topic: 'What rules listen to as well, such as `customer.start`.',
      occurredAt: `${when} Of two values the later one wins. Absent: the time of acceptance.`,
      conversationId: 'The conversation in Genesys Cloud.',
      participantId: 'Whom the event is about; `participant.id` says the same.',
      participant: 'What is known of that participant.',
      ...of('participant', participant),
      attributes: 'Attributes that the event reports, by name.',
    },
  },
  EventBridgeEvent: {
    description:
      'An Amazon EventBridge event of the partner event source of Genesys Cloud, as EventBridge delivers it.',
    fields: {
      id: 'Stays the same when the event is delivered again.',
      'detail-type': 'The topic, with `{id}` in the place of the conversation.',
      time: 'Dates a snapshot that has no `detail.timestamp`.',
      detail: 'The notification.',
    },
  },
  DetailNotification: {
    description:
      'A notification of one thing that happened: `v2.detail.events.conversation.{id}.customer.start` and the like.',
    fields: {
      ...topics,
      'eventBody.eventTime': when,
      'eventBody.conversationId': 'Absent: the one of the topic.',
      'eventBody.participantId': 'Whom it happened to.',
      'eventBody.mediaType': 'In any letter case; rules see `voice`.',
      'eventBody.direction': 'In any letter case; rules see `inbound` or `outbound`.',
      'eventBody.attributes': attributes,
    },
  },
  SnapshotNotification: {
    description:
      'A notification that holds the whole conversation: `v2.users.{id}.conversations.calls`, `v2.routing.queues.{id}.conversations`. Each participant becomes an event.',
    fields: {
      ...topics,
      'eventBody.id': 'The conversation.',
      ...of('eventBody.participants[]', participant),
      'eventBody.participants[].user': 'The agent, where `userId` is absent.',
      'eventBody.participants[].queue': 'The queue, where `queueId` is absent.',
      'eventBody.participants[].endTime':
        'If each customer has one, the conversation has ended, and live conversations go first.',
    },
  },
  OtherNotification: {
    description:
      'A notification of anything else, such as the heartbeat of a channel. It is valid and counted as `ignored`, so that a relay may send what it gets.',
    fields: topics,
  },
  OtherEventBridgeEvent: {
    description: 'An EventBridge event of anything else: valid, and counted as `ignored`.',
  },
  CloudEvent: {
    description:
      'A CloudEvent 1.0 whose data is an event in one of the other envelopes: as JSON in `data`, or in base64 in `data_base64`.',
    fields: {
      id: 'With `source` it makes a second delivery known as such.',
      time: 'Dates the event where its data does not.',
      datacontenttype: 'A JSON type.',
      data_base64: 'Stands in the place of `data`.',
    },
  },
  EventBatch: {
    description:
      'Several events, each in any envelope; at most MAX_BATCH, counting each participant of a snapshot.',
  },
  CloudEventBatch: { description: 'Several CloudEvents, at most MAX_BATCH.' },
}
