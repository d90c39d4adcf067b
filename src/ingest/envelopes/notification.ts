import { z } from 'zod'
import { readDetailEvent } from './detail-event.ts'
import { type EnvelopeResult, foreign, invalid, type JsonObject } from './envelope.ts'
import { readSnapshot } from './snapshot.ts'
import { parseTopic } from './topics.ts'

export interface NotificationContext {
  /** The item as the sender wrote it, if the notification was wrapped in another envelope. */
  readonly body?: JsonObject
  readonly envelopeId?: string
  readonly time?: unknown
}

/** The outside of the envelope: the topic tells how the body is read. */
export const notification = z.object({
  topicName: z.string('must be text'),
  eventBody: z.unknown().optional(),
})

const notificationReader = z.compile(notification)

/**
 * Envelope 3: `{topicName, version, eventBody, metadata}`, as the notification websocket sends it. The
 * heartbeat and every topic that is no conversation's are foreign.
 */
export function readNotification(item: JsonObject, context: NotificationContext = {}): EnvelopeResult {
  const parsed = notificationReader.safeParse(item)
  if (!parsed.success) return invalid(parsed.error)
  const { topicName, eventBody } = parsed.data
  const topic = parseTopic(topicName)
  const common = { body: item, ...context, eventBody }
  if (topic.kind === 'detail') return readDetailEvent({ ...common, ...topic })
  if (topic.kind === 'snapshot') return readSnapshot({ ...common, topic: topic.topic })
  return foreign
}
