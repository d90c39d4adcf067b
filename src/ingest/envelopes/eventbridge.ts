import { z } from 'zod'
import { type EnvelopeResult, foreign, invalid, isObject, type JsonObject } from './envelope.ts'
import { eventId } from './fields.ts'
import { readNotification } from './notification.ts'
import { parseTopic } from './topics.ts'

/** What makes a redelivery known as such. */
export const identified = z.object({ id: eventId })

const identifiedReader = z.compile(identified)

/**
 * Envelope 2: an Amazon EventBridge event. `detail-type` names the topic with a literal `{id}`; `detail` is
 * a notification. `id` stays the same when the event is delivered again.
 */
export function readEventBridge(item: JsonObject): EnvelopeResult {
  const { detail, 'detail-type': detailType } = item
  if (typeof detailType !== 'string' || !isObject(detail)) {
    return {
      kind: 'invalid',
      problems: [{ path: 'detail', message: 'must be an object beside a text detail-type' }],
    }
  }
  if (parseTopic(detailType).kind === 'other') return foreign
  const id = identifiedReader.safeParse(item)
  if (!id.success) return invalid(id.error)
  const result = readNotification(detail, {
    body: item,
    envelopeId: id.data.id,
    time: detail.timestamp ?? item.time,
  })
  if (result.kind !== 'invalid') return result
  return {
    kind: 'invalid',
    problems: result.problems.map(({ path, message }) => ({ path: `detail.${path}`, message })),
  }
}
