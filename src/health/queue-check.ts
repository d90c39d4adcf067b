import { z } from 'zod'
import { errorCatalogue } from '../errors.ts'
import { count } from '../http/answer-schemas.ts'
import type { QueueStatus, RejectedMessage } from '../sqs/status.ts'
import type { Check } from './health-check.ts'

const failureCodes = {
  sqs_unavailable: 'sqs_unavailable',
  sqs_access_denied: 'sqs_access_denied',
  sqs_credentials_refused: 'sqs_credentials_refused',
  sqs_queue_not_found: 'sqs_queue_not_found',
  inbox_full: 'inbox_full',
  store_unavailable: 'store_unavailable',
} as const satisfies { [Code in NonNullable<QueueStatus['failure']>['code']]: Code }

const rejectionCodes = {
  invalid_json: 'invalid_json',
  batch_too_large: 'batch_too_large',
  payload_too_large: 'payload_too_large',
  invalid_event: 'invalid_event',
  internal_error: 'internal_error',
} as const satisfies { [Code in RejectedMessage['code']]: Code }

/** The description of the check. */
export const queueCheck = z
  .object({
    ok: z.boolean(),
    reason: z.string().optional().describe('If not `ok`: the reason, for people.'),
    polls: count.describe('Receives that wait for an answer now.'),
    held: count.describe('Messages that wait in memory until the inbox takes them.'),
    received: count,
    deleted: count,
    rejected: count.describe('Deliveries of messages without a valid event. These messages are not deleted.'),
    lastRejected: z
      .object({
        at: z.iso.datetime(),
        messageId: z.string(),
        code: z.enum(rejectionCodes),
        path: z.string(),
      })
      .optional()
      .describe('The last message that was rejected, or a part of it.'),
    oldestMessageSeconds: count.describe(
      'Age of the oldest message in the last answer of the queue; 0: none.',
    ),
    lastReceiveAgeSeconds: count.optional().describe('Time since the last answer of the queue.'),
    code: z.enum(failureCodes).optional(),
    cause: z.string().optional().describe('The call that failed and the name of the error.'),
    remedy: z.string().optional().describe('The next step.'),
  })
  .optional()
  .describe('Absent if the service takes no events from Amazon SQS.')

const seconds = (ms: number): number => Math.max(0, Math.round(ms / 1_000))

export function describeQueue(status: QueueStatus, now: number): Check {
  const { receiving, held, received, deleted, results, lastRejected, lastReceiveAt, failure } = status
  const entry = failure && errorCatalogue[failure.code]
  return {
    ok: failure === undefined,
    polls: receiving,
    held,
    received,
    deleted,
    rejected: results.rejected,
    ...(lastRejected && { lastRejected: { ...lastRejected, at: new Date(lastRejected.at).toISOString() } }),
    oldestMessageSeconds: seconds(status.oldestMessageMs),
    ...(lastReceiveAt !== undefined && { lastReceiveAgeSeconds: seconds(now - lastReceiveAt) }),
    ...(entry && { code: failure.code, cause: failure.cause, reason: entry.title, remedy: entry.remedy }),
  }
}
