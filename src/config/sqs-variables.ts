import { z } from 'zod'
import { problemWithQueueUrl } from '../sqs/queue-url.ts'
import { wholeNumber } from './schemas.ts'

/** The variables of Amazon SQS as a source of events. */
export const sqsVariables = {
  SQS_QUEUE_URL: {
    schema: z
      .string()
      .superRefine((text, context) => {
        const message = problemWithQueueUrl(text)
        if (message !== undefined) context.addIssue({ code: 'custom', message })
      })
      .optional(),
    meaning:
      'URL of an Amazon SQS queue. The service [takes events from it](relays/sqs.md), so you need no relay and no public URL. The AWS SDK finds the credentials.',
  },
  SQS_POLLS: {
    schema: wholeNumber(1, 20, 2),
    default: '2',
    meaning:
      'How many batches of up to 10 messages the service receives from the SQS queue at the same time. Raise it if messages wait there although the service could take more.',
  },
  SQS_VISIBILITY_SECONDS: {
    schema: wholeNumber(10, 21_600, 60),
    default: '60',
    meaning:
      'How long SQS keeps a received message away from other receives, in seconds. After a crash, the messages in progress come again after this time. It takes the place of the visibility timeout of the SQS queue. At most 6 hours, because SQS allows 12 hours with extensions.',
  },
} as const
