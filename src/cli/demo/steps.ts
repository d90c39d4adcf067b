import { binaryCloudEvent, eventBridge, notification, structuredCloudEvent } from './envelopes.ts'

/** One request of the demo and its expected result. */
export interface Step {
  readonly envelope: string
  readonly title: string
  readonly sentBy: 'bearer token' | 'API key' | 'signature'
  /** Sent in addition to the credentials. The default content type is JSON. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body: unknown
  readonly expect: {
    readonly answer: { readonly accepted?: number; readonly duplicates?: number; readonly ignored?: number }
    /** Expected outcome and attributes by participant id. */
    readonly participants?: Readonly<
      Record<string, { outcome: 'applied' | 'unchanged'; attributes: Record<string, string> }>
    >
  }
}

const voice = {
  conversationId: 'f0a1c2d3-0000-4000-8000-0000000000a1',
  caller: 'c0000000-0000-4000-8000-0000000000a1',
  agent: 'a0000000-0000-4000-8000-0000000000a1',
}
const chat = {
  conversationId: 'f0a1c2d3-0000-4000-8000-0000000000b2',
  visitor: 'c0000000-0000-4000-8000-0000000000b2',
}
const queueId = '4e5f6071-0000-4000-8000-00000000000e'

/** Created in the simulator before the first event. */
export const conversations = [
  {
    id: voice.conversationId,
    participants: [
      { id: voice.caller, purpose: 'customer' },
      { id: voice.agent, purpose: 'agent' },
    ],
  },
  { id: chat.conversationId, participants: [{ id: chat.visitor, purpose: 'customer' }] },
]

const chatStarts = eventBridge(
  'e0000000-0000-4000-8000-000000000002',
  chat.conversationId,
  'customer.start',
  {
    eventTime: Date.parse('2026-01-05T09:00:00Z'),
    participantId: chat.visitor,
    sessionId: '50000000-0000-4000-8000-000000000002',
    mediaType: 'CHAT',
    provider: 'PureCloud Webchat v2',
    direction: 'INBOUND',
  },
)

const languageChange = (language: string, occurredAt: string) => ({
  type: 'conversation:updated',
  occurredAt,
  conversationId: voice.conversationId,
  participantId: voice.caller,
  language,
})

const brokerEvent = {
  specversion: '1.0',
  id: 'demo-1/9',
  source: 'https://broker.example.com/genesys',
  type: 'com.example.language',
}

const callerAttributes = { vip_status: 'true', support_tier: 'platinum', channel: 'voice' }

export const steps: readonly Step[] = [
  {
    envelope: 'canonical',
    title: 'a known caller calls',
    sentBy: 'bearer token',
    body: {
      type: 'conversation:created',
      id: 'demo-1',
      occurredAt: '2026-01-05T09:00:00Z',
      conversationId: voice.conversationId,
      participantId: voice.caller,
      mediaType: 'voice',
      participant: { purpose: 'customer', address: 'tel:+13175550100' },
    },
    expect: {
      answer: { accepted: 1 },
      participants: { [voice.caller]: { outcome: 'applied', attributes: callerAttributes } },
    },
  },
  {
    envelope: 'EventBridge',
    title: 'a chat starts',
    sentBy: 'signature',
    body: chatStarts,
    expect: {
      answer: { accepted: 1 },
      participants: { [chat.visitor]: { outcome: 'applied', attributes: { channel: 'chat' } } },
    },
  },
  {
    envelope: 'EventBridge',
    title: 'same event delivered again',
    sentBy: 'signature',
    body: chatStarts,
    expect: { answer: { duplicates: 1 } },
  },
  {
    envelope: 'notification',
    title: 'an agent answers',
    sentBy: 'API key',
    body: notification(voice.conversationId, 'user.start', {
      eventTime: Date.parse('2026-01-05T09:00:20Z'),
      participantId: voice.agent,
      sessionId: '50000000-0000-4000-8000-000000000004',
      mediaType: 'VOICE',
      direction: 'INBOUND',
      userId: '00000000-0000-4000-8000-0000000000d4',
      queueId,
    }),
    expect: {
      answer: { accepted: 1 },
      participants: { [voice.agent]: { outcome: 'applied', attributes: { served_queue: queueId } } },
    },
  },
  {
    envelope: 'snapshot',
    title: 'queue snapshot with contact id',
    sentBy: 'bearer token',
    body: {
      topicName: `v2.routing.queues.${queueId}.conversations`,
      version: '2',
      eventBody: {
        id: voice.conversationId,
        participants: [
          {
            id: voice.caller,
            purpose: 'customer',
            externalContactId: 'contact-4711',
            calls: [{ direction: 'inbound' }],
          },
          { id: voice.agent, purpose: 'agent', calls: [{ direction: 'inbound' }] },
        ],
      },
      metadata: { CorrelationId: '00000000-0000-4000-8000-0000000000cd' },
    },
    expect: {
      answer: { accepted: 2 },
      participants: {
        [voice.caller]: { outcome: 'applied', attributes: { ...callerAttributes, crm_key: 'contact-4711' } },
        [voice.agent]: { outcome: 'unchanged', attributes: { served_queue: queueId } },
      },
    },
  },
  {
    envelope: 'EventBridge',
    title: 'event caused by our own PATCH',
    sentBy: 'signature',
    body: eventBridge('e0000000-0000-4000-8000-000000000006', voice.conversationId, 'attributes', {
      eventTime: Date.parse('2026-01-05T09:00:30Z'),
      participantId: voice.caller,
      attributes: callerAttributes,
      communications: [],
    }),
    expect: {
      answer: { accepted: 1 },
      participants: {
        [voice.caller]: {
          outcome: 'unchanged',
          attributes: { ...callerAttributes, crm_key: 'contact-4711' },
        },
      },
    },
  },
  {
    envelope: 'canonical',
    title: 'the caller chooses a language',
    sentBy: 'bearer token',
    body: languageChange('fr', '2026-01-05T09:01:00Z'),
    expect: {
      answer: { accepted: 1 },
      participants: {
        [voice.caller]: {
          outcome: 'applied',
          attributes: { ...callerAttributes, crm_key: 'contact-4711', language: 'fr' },
        },
      },
    },
  },
  {
    envelope: 'canonical',
    title: 'an older event arrives late',
    sentBy: 'bearer token',
    body: languageChange('en', '2026-01-05T09:00:40Z'),
    expect: {
      answer: { accepted: 1 },
      participants: {
        [voice.caller]: {
          outcome: 'unchanged',
          attributes: { ...callerAttributes, crm_key: 'contact-4711', language: 'fr' },
        },
      },
    },
  },
  {
    envelope: 'CloudEvent',
    title: 'a broker sends a language',
    sentBy: 'API key',
    ...structuredCloudEvent(brokerEvent, languageChange('pt', '2026-01-05T09:02:00Z')),
    expect: {
      answer: { accepted: 1 },
      participants: {
        [voice.caller]: {
          outcome: 'applied',
          attributes: { ...callerAttributes, crm_key: 'contact-4711', language: 'pt' },
        },
      },
    },
  },
  {
    envelope: 'CloudEvent',
    title: 'same event in binary mode',
    sentBy: 'API key',
    ...binaryCloudEvent(brokerEvent, languageChange('pt', '2026-01-05T09:02:00Z')),
    expect: { answer: { duplicates: 1 } },
  },
  {
    envelope: 'notification',
    title: 'presence event, ignored',
    sentBy: 'API key',
    body: {
      topicName: 'v2.users.00000000-0000-4000-8000-0000000000d4.presence',
      version: '2',
      eventBody: { source: 'PURECLOUD' },
      metadata: { CorrelationId: '00000000-0000-4000-8000-0000000000ce' },
    },
    expect: { answer: { ignored: 1 } },
  },
]
