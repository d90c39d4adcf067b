import { ref } from './answers.ts'
import { cloudEventBatchExamples, cloudEventExamples, eventExamples, lineExamples } from './event-examples.ts'
import type { Operation, Parameter, Paths } from './operation.ts'
import { anyProblem, problemResponses, textHeader } from './problems.ts'
import { asAnybody, asSender } from './security.ts'

const text = { type: 'string' }
const ce = (name: string, description: string): Parameter => ({
  name,
  in: 'header',
  description,
  schema: text,
})

const receive: Operation = {
  operationId: 'receiveEvents',
  tags: ['Events'],
  summary: 'Take events',
  description:
    'One event, or several in an array or one a line, uncompressed. The answer comes when every accepted event is on the disk; what was not answered may be sent again, as duplicates are known. `WEBHOOK_AUTH=none` lets everybody in.',
  security: asSender,
  parameters: [
    ce(
      'ce-specversion',
      'Binary mode of CloudEvents: the attributes are headers, the body is the data. `1.0`.',
    ),
    ce('ce-id', 'With `ce-source` it makes a second delivery known as such.'),
    ce('ce-source', 'Identifies the event together with `ce-id`.'),
    ce('ce-type', 'Part of binary mode; not read.'),
    ce('ce-time', 'Dates the event where its data does not.'),
    ce('webhook-id', 'Makes a second delivery known as such where the event has no id of its own.'),
  ],
  requestBody: {
    required: true,
    description:
      'At most MAX_BODY_BYTES and MAX_BATCH events. JSON is read the same as `application/json`, another JSON type (`text/json`, `application/vnd.example+json`), `text/plain` or without a content type.',
    content: {
      'application/json': {
        schema: { oneOf: [ref('Event'), ref('EventBatch')] },
        examples: eventExamples,
      },
      'application/x-ndjson': {
        schema: { type: 'string', description: 'One event a line, as `application/json` would hold it.' },
        examples: lineExamples,
      },
      'application/cloudevents+json': { schema: ref('CloudEvent'), examples: cloudEventExamples },
      'application/cloudevents-batch+json': {
        schema: ref('CloudEventBatch'),
        examples: cloudEventBatchExamples,
      },
    },
  },
  responses: {
    202: {
      description: 'Every accepted event is on the disk.',
      content: {
        'application/json': {
          schema: ref('Received'),
          examples: {
            one: {
              summary: 'One event',
              value: { accepted: 1, duplicates: 0, ignored: 0, rejected: [] },
            },
            mixed: {
              summary: 'One that was taken, one that was not',
              value: {
                accepted: 1,
                duplicates: 0,
                ignored: 0,
                rejected: [{ index: 1, code: 'invalid_event', message: 'conversationId must be text' }],
              },
            },
          },
        },
      },
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
    ...anyProblem,
  },
}

const handshake: Operation = {
  operationId: 'allowSender',
  tags: ['Events'],
  summary: 'Ask whether events are wanted',
  description:
    'The handshake of CloudEvents (HTTP 1.1 Web Hooks for Event Delivery 1.0). It needs no credentials; events do.',
  security: asAnybody,
  parameters: [ce('webhook-request-origin', 'Who asks, such as `eventgrid.example.com`.')],
  responses: {
    200: {
      description: 'Whoever asked may send, as fast as it likes.',
      headers: {
        Allow: textHeader('`POST`'),
        'WebHook-Allowed-Origin': textHeader('Who asked.'),
        'WebHook-Allowed-Rate': textHeader('`*`'),
      },
    },
    204: { description: 'Nobody asked.', headers: { Allow: textHeader('`POST`') } },
    ...anyProblem,
  },
}

export const webhookPaths: Paths = { '/webhooks/genesys': { post: receive, options: handshake } }
