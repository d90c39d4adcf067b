/** The codes of an Amazon SQS queue as a source of events. Part of the catalogue in errors.ts. */
export const sqsErrors = {
  sqs_unavailable: {
    title: 'Amazon SQS does not answer as expected',
    remedy:
      'If it is brief, nothing to do: the messages stay in the queue, and the service retries with backoff. Otherwise see the cause: the network to the host of SQS_QUEUE_URL, a proxy, throttling, or an outage of AWS.',
  },
  sqs_access_denied: {
    title: 'AWS denied access to the queue',
    remedy:
      'Allow sqs:ReceiveMessage, sqs:DeleteMessage, sqs:ChangeMessageVisibility and sqs:GetQueueAttributes on the queue; if it is encrypted with a KMS key of yours, also kms:Decrypt on the key. The service retries.',
  },
  sqs_credentials_refused: {
    title: 'AWS refused the credentials, or there are none',
    remedy:
      'Give the process credentials that the AWS SDK finds: the role of the task, pod or instance, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. Expired ones must be replaced. The service retries; restart it after a change of the environment.',
  },
  sqs_queue_not_found: {
    title: 'Queue not found in Amazon SQS',
    remedy:
      'Check SQS_QUEUE_URL: region, account and name of the queue; then restart. The service retries, because a new queue takes up to a minute to appear.',
  },
  sqs_no_dead_letter_queue: {
    title: 'The SQS queue has no dead-letter queue',
    remedy:
      'Give the queue a redrive policy. Without one, the service receives messages that are not valid again and again, until they expire.',
  },
} as const
