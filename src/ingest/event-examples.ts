import type { Examples } from '../http/answer-schemas.ts'

const conversationId = '6b9d2f0e-5a0c-4f0e-9d65-2f3c1a7b8e01'
const participantId = 'e2e3e4e5-0000-4000-8000-00000000c001'
const queueId = '9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7005'

const canonical = {
  id: 'relay-4711',
  type: 'conversation:created',
  topic: 'customer.start',
  occurredAt: '2026-02-03T10:15:00Z',
  conversationId,
  participantId,
  mediaType: 'voice',
  participant: { purpose: 'customer', address: 'tel:+13175550100' },
}

const detail = {
  topicName: `v2.detail.events.conversation.${conversationId}.customer.start`,
  version: '2',
  eventBody: {
    eventTime: 1770113700000,
    conversationId,
    participantId,
    sessionId: 'c1a2b3c4-d5e6-4f70-8192-a3b4c5d6e703',
    mediaType: 'VOICE',
    direction: 'INBOUND',
    ani: 'tel:+13175550100',
    dnis: 'tel:+13175550199',
  },
  metadata: { CorrelationId: '5d5d5d5d-0000-4000-8000-000000000003' },
}

const eventBridge = {
  version: '0',
  id: '3f1f8c1a-9f4e-4a44-8f2b-0c6a6a4f7d10',
  'detail-type': 'v2.detail.events.conversation.{id}.customer.start',
  source: 'aws.partner/genesys.com/cloud/00000000-0000-4000-8000-00000000aaaa/example-bus',
  account: '123456789012',
  time: '2026-02-03T10:15:01Z',
  region: 'us-east-1',
  resources: [],
  detail: { ...detail, timestamp: '2026-02-03T10:15:00.912Z' },
}

const snapshot = {
  topicName: `v2.routing.queues.${queueId}.conversations`,
  version: '2',
  eventBody: {
    id: conversationId,
    participants: [
      {
        id: participantId,
        purpose: 'customer',
        address: 'tel:+13175550100',
        attributes: { language: 'de' },
        calls: [{ state: 'connected', direction: 'inbound' }],
      },
      {
        id: '0d5f3b7c-1b2a-4c3d-8e4f-5a6b7c8d9e02',
        purpose: 'agent',
        user: { id: '7e8f9a0b-1c2d-4e3f-9a4b-5c6d7e8f9004' },
        queue: { id: queueId },
        calls: [{ state: 'alerting', direction: 'inbound' }],
      },
    ],
  },
  metadata: { CorrelationId: '5d5d5d5d-0000-4000-8000-000000000004' },
}

const heartbeat = { topicName: 'channel.metadata', eventBody: { message: 'WebSocket Heartbeat' } }

const cloudEvent = {
  specversion: '1.0',
  id: 'a-1',
  source: '/relays/example',
  type: 'com.example.conversation',
  time: '2026-02-03T10:15:01Z',
  datacontenttype: 'application/json',
  data: canonical,
}

/** Examples of `application/json`, one per envelope. */
export const eventExamples: Examples = {
  canonical: { summary: 'A canonical event', value: canonical },
  eventBridge: { summary: 'From Amazon EventBridge', value: eventBridge },
  detail: { summary: 'A notification of one change', value: detail },
  snapshot: { summary: 'A notification with the whole conversation', value: snapshot },
  cloudEvent: { summary: 'A CloudEvent', value: cloudEvent },
  heartbeat: { summary: 'A notification about something else (ignored)', value: heartbeat },
  batch: {
    summary: 'Several events in different envelopes',
    value: [
      { ...canonical, id: 'relay-4712' },
      { type: 'conversation:updated', conversationId, participantId, language: 'de' },
      snapshot,
    ],
  },
}

export const lineExamples: Examples = {
  lines: {
    summary: 'Two events',
    value: `${JSON.stringify({ ...canonical, id: 'relay-4713' })}\n${JSON.stringify(detail)}\n`,
  },
}

export const cloudEventExamples: Examples = { cloudEvent: { summary: 'A CloudEvent', value: cloudEvent } }

export const cloudEventBatchExamples: Examples = {
  batch: {
    summary: 'Two CloudEvents',
    value: [
      { ...cloudEvent, id: 'a-2' },
      { ...cloudEvent, id: 'a-3', data: detail },
    ],
  },
}
