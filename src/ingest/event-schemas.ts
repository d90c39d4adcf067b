import { z } from 'zod'
import { canonicalEvent } from './envelopes/canonical.ts'
import { attributes as cloudEventAttributes } from './envelopes/cloudevent.ts'
import { detailBody } from './envelopes/detail-event.ts'
import { identified } from './envelopes/eventbridge.ts'
import { snapshotBody } from './envelopes/snapshot.ts'
import { detailTopic, snapshotTopic } from './envelopes/topics.ts'

const topicName = z.string().describe('Tells what the notification is about.')

const notification = z.object({
  topicName,
  version: z.unknown().optional().describe('Kept, not read.'),
  eventBody: z.unknown().optional(),
  metadata: z.unknown().optional().describe('Kept, not read.'),
})

const detailNotification = notification
  .extend({ topicName: topicName.regex(detailTopic), eventBody: detailBody })
  .meta({
    id: 'DetailNotification',
    description:
      'A notification of one thing that happened: `v2.detail.events.conversation.{id}.customer.start` and the like.',
  })

const snapshotNotification = notification
  .extend({ topicName: topicName.regex(snapshotTopic), eventBody: snapshotBody })
  .meta({
    id: 'SnapshotNotification',
    description:
      'A notification that holds the whole conversation: `v2.users.{id}.conversations.calls`, `v2.routing.queues.{id}.conversations`. Each participant becomes an event.',
  })

const ofConversations = { anyOf: [{ pattern: detailTopic.source }, { pattern: snapshotTopic.source }] }

const otherNotification = notification
  .extend({ topicName: topicName.regex(/^[^\s${<]/).meta({ not: ofConversations }) })
  .meta({
    id: 'OtherNotification',
    description:
      'A notification of anything else, such as the heartbeat of a channel. It is valid and counted as `ignored`, so that a relay may send what it gets.',
  })

const eventBridgeEvent = identified
  .extend({
    'detail-type': z
      .string()
      .meta({ ...ofConversations, description: 'The topic, with `{id}` in the place of the conversation.' }),
    time: z.unknown().optional().describe('Dates a snapshot that has no `detail.timestamp`.'),
    detail: z
      .xor([detailNotification, snapshotNotification, otherNotification])
      .describe('The notification.'),
  })
  .meta({
    id: 'EventBridgeEvent',
    description:
      'An Amazon EventBridge event of the partner event source of Genesys Cloud, as EventBridge delivers it.',
  })

const otherEventBridgeEvent = z
  .object({
    'detail-type': z
      .string()
      .regex(/^[^\s${<]/)
      .meta({ not: ofConversations }),
    detail: z.looseObject({}),
  })
  .meta({
    id: 'OtherEventBridgeEvent',
    description: 'An EventBridge event of anything else: valid, and counted as `ignored`.',
  })

/** At least one of these fields, with a value of the type. */
const oneOf = (fields: Readonly<Record<string, string>>) => ({
  anyOf: Object.entries(fields).map(([name, type]) => ({
    required: [name],
    properties: { [name]: { type } },
  })),
})

const canonical = canonicalEvent.meta({
  id: 'CanonicalEvent',
  description:
    'The form for relays of your own. Required are `conversationId`, and `type` (or `event`, or a `topic` it follows from); in practice also `participantId`, because values are set on a participant. No other field refuses an event: one of another type or form counts as absent, a number in place of a text is read as that text.',
  ...oneOf({ type: 'string', event: 'string', topic: 'string' }),
})

/** The events that can be the data of a CloudEvent. */
const ownEvents = [
  canonical,
  eventBridgeEvent,
  detailNotification,
  snapshotNotification,
  otherNotification,
  otherEventBridgeEvent,
] as const

export const cloudEvent = cloudEventAttributes
  .extend({
    data: z.xor(ownEvents).nullish(),
    data_base64: z.string().nullish().describe('Stands in the place of `data`.'),
  })
  .meta({
    id: 'CloudEvent',
    description:
      'A CloudEvent 1.0 whose data is an event in one of the other envelopes: as JSON in `data`, or in base64 in `data_base64`.',
    ...oneOf({ data: 'object', data_base64: 'string' }),
  })

/**
 * Any event that the webhook takes, put together from the schemas of the envelopes. It only describes, since the envelopes
 * read more than senders should write.
 */
export const event = z.xor([...ownEvents, cloudEvent]).meta({
  id: 'Event',
  description:
    'One event, in any envelope. They are told apart by their shape: `specversion` beside data is a CloudEvent, `detail-type` an EventBridge event, `topicName` a notification; all else is a canonical event, unless a mapping of the rules file reads it. This description does not know the forms that mappings read. `null` counts as absent, further fields are kept, and rules see them as `event.body`.',
})

export const eventBatch = z.array(event).min(1).meta({
  id: 'EventBatch',
  description:
    'Several events, each in any envelope; at most MAX_BATCH, counting each participant of a snapshot.',
})

export const cloudEventBatch = z
  .array(cloudEvent)
  .min(1)
  .meta({ id: 'CloudEventBatch', description: 'Several CloudEvents, at most MAX_BATCH.' })
