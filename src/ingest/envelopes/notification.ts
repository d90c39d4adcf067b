import { readDetailEvent } from './detail-event.ts'
import { type EnvelopeResult, foreign, type JsonObject } from './envelope.ts'
import { readSnapshot } from './snapshot.ts'
import { parseTopic } from './topics.ts'

export interface NotificationContext {
  /** The item as the sender wrote it, if the notification was wrapped in another envelope. */
  readonly body?: unknown
  readonly envelopeId?: string
  readonly time?: unknown
}

/**
 * Envelope 3: `{topicName, version, eventBody, metadata}`, as the notification websocket sends it. The
 * heartbeat and every topic that is no conversation's are foreign.
 */
export function readNotification(item: JsonObject, context: NotificationContext = {}): EnvelopeResult {
  const { topicName, eventBody } = item
  if (typeof topicName !== 'string') {
    return { kind: 'invalid', problems: [{ path: 'topicName', message: 'must be text' }] }
  }
  const topic = parseTopic(topicName)
  const common = { body: item, ...context, eventBody }
  if (topic.kind === 'detail') return readDetailEvent({ ...common, ...topic })
  if (topic.kind === 'snapshot') return readSnapshot({ ...common, topic: topic.topic })
  return foreign
}
