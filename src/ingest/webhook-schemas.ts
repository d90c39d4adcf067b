import { z } from 'zod'
import { count, problemResponses, withExamples } from '../http/answer-schemas.ts'
import { cloudEventBatchExamples, cloudEventExamples, eventExamples, lineExamples } from './event-examples.ts'
import { cloudEvent, cloudEventBatch, event, eventBatch } from './event-schemas.ts'

const received = z
  .object({
    accepted: count.describe('Events that are stored durably. The service will evaluate the rules for them.'),
    duplicates: count.describe('Events that the service already has.'),
    ignored: count.describe('Events that no rule listens to, or that are not about a conversation.'),
    rejected: z
      .array(
        z.object({
          index: count.describe(
            'The position in the body, from 0, of the item or record that holds the event.',
          ),
          code: z.literal('invalid_event'),
          message: z.string().describe('The invalid fields and the expected values.'),
        }),
      )
      .describe('Invalid events. Do not send them again unchanged.'),
  })
  .meta({
    id: 'Received',
    description: 'The result per event. Each participant of a snapshot counts as one event.',
  })

const receivedExamples = {
  one: { summary: 'One event', value: { accepted: 1, duplicates: 0, ignored: 0, rejected: [] } },
  mixed: {
    summary: 'One accepted, one rejected',
    value: {
      accepted: 1,
      duplicates: 0,
      ignored: 0,
      rejected: [{ index: 1, code: 'invalid_event', message: 'conversationId must be text' }],
    },
  },
}

const eventGridValidated = z
  .object({ validationResponse: z.string().describe('`validationCode` of the request.') })
  .meta({ id: 'EventGridValidated', description: 'The answer to the handshake of Azure Event Grid.' })

const firehoseReceived = z
  .object({
    requestId: z.string().describe('`requestId` of the request.'),
    timestamp: count.describe('The time of the answer, in milliseconds since 1970.'),
    errorMessage: z.string().optional().describe('The problem; only if the request failed.'),
  })
  .meta({
    id: 'FirehoseReceived',
    description: 'The answer that Amazon Data Firehose expects: every accepted event is durable.',
  })

const ownAnswerExamples = {
  eventGrid: {
    summary: 'The handshake of Event Grid',
    value: { validationResponse: '512d38b6-c7b8-40c8-89fe-f46f9e9622b6' },
  },
  firehose: {
    summary: 'Firehose',
    value: { requestId: 'ed4acda5-034f-9f42-bba1-f29aea6d7d8f', timestamp: 1770113700912 },
  },
}

const requestHeader = (description: string) => z.string().optional().describe(description)

/**
 * Describes POST, for /openapi.json only: Fastify validates nothing against it. The route parses the body itself, after it has checked the
 * signature of the raw bytes.
 */
export const receiveEvents = {
  operationId: 'receiveEvents',
  tags: ['Events'],
  summary: 'Send events',
  description: [
    'Send one event, an array of events, or one event per line (NDJSON), uncompressed; at most MAX_BODY_BYTES bytes and MAX_BATCH events.',
    'The service accepts JSON as `application/json`, another JSON type (`text/json`, `application/vnd.example+json`), `text/plain`, or without a content type.',
    'It answers after every accepted event is durable. If you get no answer, send the request again: the service detects duplicates.',
    'The header `webhook-id` identifies duplicates of events without an id.',
    'The body, or each item of it, may also be a message of Amazon SNS, SQS, Kinesis or Firehose, a push request of Google Cloud Pub/Sub, an event in the Azure Event Grid schema, a request of API Gateway, the record of a Lambda destination, or CloudWatch Logs: the service takes the events out, and MAX_BATCH counts these events.',
    'Besides the credentials below, the service accepts `svix-id`, `svix-timestamp` and `svix-signature` in place of the `webhook-` headers, a signature in the header that WEBHOOK_HMAC_HEADER names, and messages that Amazon SNS signed for a topic of SNS_TOPIC_ARNS.',
    'With `WEBHOOK_AUTH=none`, no credentials are needed.',
  ].join(' '),
  security: [
    { bearerToken: [] },
    { apiKey: [] },
    { firehoseAccessKey: [] },
    { basicPassword: [] },
    { webhookId: [], webhookTimestamp: [], webhookSignature: [] },
    { hubSignature: [] },
  ],
  headers: z.object({
    'ce-specversion': requestHeader(
      '`1.0`. CloudEvents binary mode: attributes in headers, data in the body.',
    ),
    'ce-id': requestHeader('With `ce-source`, identifies duplicates.'),
    'ce-source': requestHeader('With `ce-id`, identifies duplicates.'),
    'ce-type': requestHeader(
      'Selects binary mode, as `ce-specversion`, `ce-id` and `ce-source` do. The service does not use the value.',
    ),
    'ce-time': requestHeader('The time of the event, if its data has none.'),
  }),
  body: {
    content: {
      // xor, because each body matches one of the two: it becomes `oneOf`, a union `anyOf`.
      'application/json': { schema: withExamples(z.xor([event, eventBatch]), eventExamples) },
      'application/x-ndjson': {
        schema: withExamples(
          z.string().describe('One event per line, each as in `application/json`.'),
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
    200: {
      description:
        'Only for two senders. Azure Event Grid gets the code of its handshake. Amazon Data Firehose gets this answer in place of 202; if its request fails, it gets the status of the problem, also as `application/json`, with `errorMessage`.',
      content: {
        'application/json': {
          schema: z.xor([eventGridValidated, firehoseReceived]),
          examples: ownAnswerExamples,
        },
      },
    },
    202: {
      description: 'Every accepted event is durable.',
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
      'keys_unavailable',
      'overloaded',
      'shutting_down',
      'not_an_ingest_node',
    ),
  },
}

const responseHeader = (description: string) => ({ description, type: 'string' })

/** Describes OPTIONS, for /openapi.json only. */
export const allowSender = {
  operationId: 'allowSender',
  tags: ['Events'],
  summary: 'Ask for permission to send events',
  description:
    'The CloudEvents handshake (HTTP 1.1 Web Hooks for Event Delivery 1.0). It needs no credentials.',
  security: [],
  headers: z.object({
    'webhook-request-origin': requestHeader('The sender, for example `eventgrid.example.com`.'),
  }),
  response: {
    200: {
      type: 'null',
      description: 'The sender may send at any rate.',
      headers: {
        Allow: responseHeader('`POST`'),
        'WebHook-Allowed-Origin': responseHeader('The sender in the request.'),
        'WebHook-Allowed-Rate': responseHeader('`*`'),
      },
    },
    204: {
      type: 'null',
      description: 'The request has no valid `WebHook-Request-Origin`.',
      headers: { Allow: responseHeader('`POST`') },
    },
    ...problemResponses(),
  },
}
