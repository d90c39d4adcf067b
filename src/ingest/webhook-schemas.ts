import { z } from 'zod'
import { count, problemResponses, withExamples } from '../http/answer-schemas.ts'
import { cloudEventBatchExamples, cloudEventExamples, eventExamples, lineExamples } from './event-examples.ts'
import { cloudEvent, cloudEventBatch, event, eventBatch } from './event-schemas.ts'

const received = z
  .object({
    accepted: count.describe('Events that are on the disk now and will be delivered.'),
    duplicates: count.describe('Events that were taken before.'),
    ignored: count.describe('Events that no rule listens to, or that are not of a conversation.'),
    rejected: z
      .array(
        z.object({
          index: count.describe('The position of the event in the body, from 0.'),
          code: z.literal('invalid_event'),
          message: z.string().describe('The fields, and what they must be.'),
        }),
      )
      .describe('Events that are not acceptable. Sending them again will not help.'),
  })
  .meta({
    id: 'Received',
    description: 'What became of each event. A snapshot counts as one event for each participant.',
  })

const receivedExamples = {
  one: { summary: 'One event', value: { accepted: 1, duplicates: 0, ignored: 0, rejected: [] } },
  mixed: {
    summary: 'One that was taken, one that was not',
    value: {
      accepted: 1,
      duplicates: 0,
      ignored: 0,
      rejected: [{ index: 1, code: 'invalid_event', message: 'conversationId must be text' }],
    },
  },
}

const header = (description: string) => z.string().optional().describe(description)

/** Describes POST. The route reads the body itself, after it has checked the signature over the raw bytes. */
export const receiveEvents = {
  operationId: 'receiveEvents',
  tags: ['Events'],
  summary: 'Take events',
  description:
    'One event, or several in an array or one a line, uncompressed; at most MAX_BODY_BYTES and MAX_BATCH events. JSON is read the same as `application/json`, another JSON type (`text/json`, `application/vnd.example+json`), `text/plain` or without a content type. The answer comes when every accepted event is on the disk. A request without an answer may be sent again, as duplicates are known. The header `webhook-id` makes a second delivery known as such where the event has no id of its own. `WEBHOOK_AUTH=none` lets everybody in.',
  security: [
    { bearerToken: [] },
    { apiKey: [] },
    { basicPassword: [] },
    { webhookId: [], webhookTimestamp: [], webhookSignature: [] },
    { hubSignature: [] },
  ],
  headers: z.object({
    'ce-specversion': header(
      'Binary mode of CloudEvents: the attributes are headers, the body is the data. `1.0`.',
    ),
    'ce-id': header('With `ce-source` it makes a second delivery known as such.'),
    'ce-source': header('Identifies the event together with `ce-id`.'),
    'ce-type': header('Part of binary mode; not read.'),
    'ce-time': header('Dates the event where its data does not.'),
  }),
  body: {
    content: {
      'application/json': { schema: withExamples(z.xor([event, eventBatch]), eventExamples) },
      'application/x-ndjson': {
        schema: withExamples(
          z.string().describe('One event a line, as `application/json` would hold it.'),
          lineExamples,
        ),
      },
      'application/cloudevents+json': { schema: withExamples(cloudEvent, cloudEventExamples) },
      'application/cloudevents-batch+json': {
        schema: withExamples(cloudEventBatch, cloudEventBatchExamples),
      },
    },
  },
  response: {
    202: {
      description: 'Every accepted event is on the disk.',
      content: { 'application/json': { schema: received, examples: receivedExamples } },
    },
    ...problemResponses(
      'invalid_json',
      'invalid_request',
      'unauthorized',
      'address_not_allowed',
      'payload_too_large',
      'batch_too_large',
      'unsupported_media_type',
      'no_acceptable_event',
      'too_many_failures',
      'inbox_full',
      'store_unavailable',
      'overloaded',
      'shutting_down',
    ),
  },
}

const text = (description: string) => ({ description, type: 'string' })

/** Describes OPTIONS. */
export const allowSender = {
  operationId: 'allowSender',
  tags: ['Events'],
  summary: 'Ask whether events are wanted',
  description:
    'The handshake of CloudEvents (HTTP 1.1 Web Hooks for Event Delivery 1.0). It needs no credentials; events do.',
  security: [],
  headers: z.object({
    'webhook-request-origin': header('The sender that asks, such as `eventgrid.example.com`.'),
  }),
  response: {
    200: {
      type: 'null',
      description: 'The sender may send, as fast as it likes.',
      headers: {
        Allow: text('`POST`'),
        'WebHook-Allowed-Origin': text('The sender that asked.'),
        'WebHook-Allowed-Rate': text('`*`'),
      },
    },
    204: {
      type: 'null',
      description: 'The request names no sender.',
      headers: { Allow: text('`POST`') },
    },
    ...problemResponses(),
  },
}
