import type { QueueStatus } from '../sqs/status.ts'
import { byLabel, counter, type Family, gauge } from './families.ts'

const noResults: QueueStatus['results'] = { accepted: 0, duplicate: 0, ignored: 0, rejected: 0 }
const noFailures: QueueStatus['failures'] = {
  sqs_unavailable: 0,
  sqs_access_denied: 0,
  sqs_credentials_refused: 0,
  sqs_queue_not_found: 0,
}

/** All 0 if the service takes no events from Amazon SQS. */
export const queueFamilies = (status: (() => QueueStatus) | undefined): readonly Family[] => [
  gauge('sqs_polls', 'Receives from the SQS queue that wait for an answer.', () => status?.().receiving ?? 0),
  counter(
    'sqs_received_total',
    'Messages received from the SQS queue, redeliveries included.',
    () => status?.().received ?? 0,
  ),
  counter(
    'sqs_messages_total',
    'Messages from the SQS queue that were read, by result. Rejected ones stay in the queue.',
    byLabel('result', () => Object.entries(status?.().results ?? noResults)),
  ),
  counter('sqs_deleted_total', 'Messages deleted from the SQS queue.', () => status?.().deleted ?? 0),
  counter(
    'sqs_failures_total',
    'Failed calls to the SQS queue, and messages of a call that SQS did not change, by code.',
    byLabel('code', () => Object.entries(status?.().failures ?? noFailures)),
  ),
  gauge(
    'sqs_held_messages',
    'Messages from the SQS queue that wait in memory until the inbox takes them.',
    () => status?.().held ?? 0,
  ),
  gauge(
    'sqs_oldest_message_seconds',
    'Age of the oldest message in the last answer of the SQS queue, 0 if it had none.',
    () => (status?.().oldestMessageMs ?? 0) / 1_000,
  ),
]
