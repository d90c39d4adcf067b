import { z } from 'zod'
import { canonicalEvent } from './envelopes/canonical.ts'
import { attributes as cloudEventAttributes } from './envelopes/cloudevent.ts'
import { detailBody } from './envelopes/detail-event.ts'
import { eventBridgeFields } from './envelopes/eventbridge.ts'
import { snapshotBody } from './envelopes/snapshot.ts'
import { detailTopic, snapshotTopic } from './envelopes/topics.ts'

const topicName = z.string().describe('The topic of the notification.')

const notification = z.object({
  topicName,
  version: z.unknown().optional().describe('Stored, not read.'),
  eventBody: z.unknown().optional(),
  metadata: z.unknown().optional().describe('Stored, not read.'),
})

const detailNotification = notification
  .extend({ topicName: topicName.regex(detailTopic), eventBody: detailBody })
  .meta({
    id: 'DetailNotification',
    description: 'A notification of one change, such as `v2.detail.events.conversation.{id}.customer.start`.',
  })

const snapshotNotification = notification
  .extend({ topicName: topicName.regex(snapshotTopic), eventBody: snapshotBody })
  .meta({
    id: 'SnapshotNotification',
    description:
      'A notification with the whole conversation: `v2.users.{id}.conversations.calls`, `v2.routing.queues.{id}.conversations`. Each participant becomes an event.',
  })

const ofConversations = { anyOf: [{ pattern: detailTopic.source }, { pattern: snapshotTopic.source }] }

const otherNotification = notification
  .extend({ topicName: topicName.regex(/^[^\s${<]/).meta({ not: ofConversations }) })
  .meta({
    id: 'OtherNotification',
    description:
      'A notification about anything else, such as the heartbeat of a channel. The service counts it as `ignored`, so a relay can forward every message.',
  })

const eventBridgeEvent = eventBridgeFields
  .extend({
    'detail-type': z
      .string()
      .meta({ ...ofConversations, description: 'The topic, with `{id}` instead of the conversation id.' }),
    time: z.unknown().optional().describe('The time of a snapshot without `detail.timestamp`.'),
    detail: z
      .xor([detailNotification, snapshotNotification, otherNotification])
      .describe('The notification.'),
  })
  .meta({
    id: 'EventBridgeEvent',
    description: 'An Amazon EventBridge event from the Genesys Cloud partner event source.',
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
    description: 'An EventBridge event about anything else. The service counts it as `ignored`.',
  })

/** Requires at least one of these fields, with a value of the given type. */
const oneOf = (fields: Readonly<Record<string, string>>) => ({
  anyOf: Object.entries(fields).map(([name, type]) => ({
    required: [name],
    properties: { [name]: { type } },
  })),
})

const canonical = canonicalEvent.meta({
  id: 'CanonicalEvent',
  description:
    'The format for your own relays. Required: `conversationId`, and one of `type`, `event` and `topic`. Send `participantId` too, because attributes are set on a participant. Other invalid fields do not reject the event: the service reads a number as text and treats any other unexpected value as absent.',
  ...oneOf({ type: 'string', event: 'string', topic: 'string' }),
})

/** The events that can be the data of a CloudEvent. */
const dataEvents = [
  canonical,
  eventBridgeEvent,
  detailNotification,
  snapshotNotification,
  otherNotification,
  otherEventBridgeEvent,
] as const

export const cloudEvent = cloudEventAttributes
  .extend({
    data: z.xor(dataEvents).nullish(),
    data_base64: z.string().nullish().describe('Instead of `data`.'),
  })
  .meta({
    id: 'CloudEvent',
    description:
      'A CloudEvent 1.0. Its data is an event in one of the other envelopes: JSON in `data`, or base64 in `data_base64`.',
    ...oneOf({ data: 'object', data_base64: 'string' }),
  })

/**
 * Any event that the webhook accepts. The schema is for the OpenAPI document only: the envelopes accept more than senders
 * should write.
 */
export const event = z.xor([...dataEvents, cloudEvent]).meta({
  id: 'Event',
  description:
    'One event, in any envelope. The fields decide the envelope: `specversion` with data means a CloudEvent, `detail-type` an EventBridge event, `topicName` a notification. Anything else is a canonical event, unless a mapping of the rules file reads it; this description does not cover mappings. `null` counts as absent. Additional fields are stored, and rules see them in `event.body`.',
})

export const eventBatch = z.array(event).min(1).meta({
  id: 'EventBatch',
  description:
    'Several events, each in any envelope; at most MAX_BATCH. Each participant of a snapshot counts.',
})

export const cloudEventBatch = z
  .array(cloudEvent)
  .min(1)
  .meta({ id: 'CloudEventBatch', description: 'Several CloudEvents, at most MAX_BATCH.' })
