import { z } from 'zod'
import { canonicalEvent } from '../../ingest/envelopes/canonical.ts'
import { attributes as cloudEventAttributes } from '../../ingest/envelopes/cloudevent.ts'
import { detailBody } from '../../ingest/envelopes/detail-event.ts'
import { identified } from '../../ingest/envelopes/eventbridge.ts'
import { notification } from '../../ingest/envelopes/notification.ts'
import { snapshotBody } from '../../ingest/envelopes/snapshot.ts'
import { detailTopic, snapshotTopic } from '../../ingest/envelopes/topics.ts'

const { topicName } = notification.shape

const detailNotification = notification.extend({
  topicName: topicName.regex(detailTopic),
  eventBody: detailBody,
})

const snapshotNotification = notification.extend({
  topicName: topicName.regex(snapshotTopic),
  eventBody: snapshotBody,
})

const ofConversations = { anyOf: [{ pattern: detailTopic.source }, { pattern: snapshotTopic.source }] }
const ofOthers = z.string().meta({ not: ofConversations })

const otherNotification = notification.extend({ topicName: ofOthers })

const eventBridgeEvent = identified.extend({
  'detail-type': z.string().meta(ofConversations),
  time: z.unknown().optional(),
  detail: z.xor([detailNotification, snapshotNotification, otherNotification]),
})

const otherEventBridgeEvent = z.object({
  'detail-type': ofOthers,
  detail: z.looseObject({}),
})

/** The events that speak of conversations themselves, and can be the data of a CloudEvent. */
const ownEvents = [
  canonicalEvent,
  eventBridgeEvent,
  detailNotification,
  snapshotNotification,
  otherNotification,
  otherEventBridgeEvent,
] as const

const cloudEvent = cloudEventAttributes.extend({
  data: z.xor(ownEvents).nullish(),
  data_base64: z.string().nullish(),
})

const event = z.xor([...ownEvents, cloudEvent])

/**
 * The events that the webhook takes, by the name of their schema: put together from the schemas by which the
 * envelopes are read.
 */
export const eventSchemas = {
  Event: event,
  CanonicalEvent: canonicalEvent,
  EventBridgeEvent: eventBridgeEvent,
  DetailNotification: detailNotification,
  SnapshotNotification: snapshotNotification,
  OtherNotification: otherNotification,
  OtherEventBridgeEvent: otherEventBridgeEvent,
  CloudEvent: cloudEvent,
  EventBatch: z.array(event).min(1),
  CloudEventBatch: z.array(cloudEvent).min(1),
} as const

const given = (name: string, type: string) => ({ required: [name], properties: { [name]: { type } } })

/** What the code checks beside the schemas: to be added to theirs. */
export const furtherRules: Readonly<Partial<Record<keyof typeof eventSchemas, object>>> = {
  CanonicalEvent: { anyOf: [given('type', 'string'), given('event', 'string'), given('topic', 'string')] },
  CloudEvent: { anyOf: [given('data', 'object'), given('data_base64', 'string')] },
}
