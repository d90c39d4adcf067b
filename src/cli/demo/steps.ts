/** One request of the demo and its expected result. */
export interface Step {
  readonly envelope: string
  readonly title: string
  readonly sentBy: 'bearer token' | 'API key' | 'signature'
  /** Sent in addition to the credentials. The default content type is JSON. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body: unknown
  /** Expected counts of the answer; absent: 0. */
  readonly answer: { readonly accepted?: number; readonly duplicates?: number; readonly ignored?: number }
  /** Expected outcome and attributes by participant id. */
  readonly participants?: Readonly<Record<string, ExpectedParticipant>>
}

interface ExpectedParticipant {
  readonly outcome: 'applied' | 'unchanged'
  readonly attributes: Readonly<Record<string, string>>
}

const applied = (attributes: ExpectedParticipant['attributes']): ExpectedParticipant => ({
  outcome: 'applied',
  attributes,
})

const unchanged = (attributes: ExpectedParticipant['attributes']): ExpectedParticipant => ({
  outcome: 'unchanged',
  attributes,
})

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

/** A detail event in the envelope of Amazon EventBridge. */
const eventBridge = (id: string, conversationId: string, topic: string, eventBody: object) => ({
  version: '0',
  id,
  'detail-type': `v2.detail.events.conversation.{id}.${topic}`,
  source: 'aws.partner/genesys.com/cloud/00000000-0000-4000-8000-00000000000f/demo',
  account: '123456789012',
  time: '2026-01-05T09:00:00Z',
  region: 'us-east-1',
  resources: [],
  detail: { ...notification(conversationId, topic, eventBody), timestamp: '2026-01-05T09:00:00.013Z' },
})

/** A detail event in the envelope of the notification websocket. */
const notification = (conversationId: string, topic: string, eventBody: object) => ({
  topicName: `v2.detail.events.conversation.${conversationId}.${topic}`,
  version: '2',
  eventBody: { conversationId, ...eventBody },
  metadata: { CorrelationId: '00000000-0000-4000-8000-0000000000cc' },
})

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
const callerWithContact = { ...callerAttributes, crm_key: 'contact-4711' }

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
    answer: { accepted: 1 },
    participants: { [voice.caller]: applied(callerAttributes) },
  },
  {
    envelope: 'EventBridge',
    title: 'a chat starts',
    sentBy: 'signature',
    body: chatStarts,
    answer: { accepted: 1 },
    participants: { [chat.visitor]: applied({ channel: 'chat' }) },
  },
  {
    envelope: 'EventBridge',
    title: 'same event delivered again',
    sentBy: 'signature',
    body: chatStarts,
    answer: { duplicates: 1 },
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
    answer: { accepted: 1 },
    participants: { [voice.agent]: applied({ served_queue: queueId }) },
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
    answer: { accepted: 2 },
    participants: {
      [voice.caller]: applied(callerWithContact),
      [voice.agent]: unchanged({ served_queue: queueId }),
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
    answer: { accepted: 1 },
    participants: { [voice.caller]: unchanged(callerWithContact) },
  },
  {
    envelope: 'canonical',
    title: 'the caller chooses a language',
    sentBy: 'bearer token',
    body: languageChange('fr', '2026-01-05T09:01:00Z'),
    answer: { accepted: 1 },
    participants: { [voice.caller]: applied({ ...callerWithContact, language: 'fr' }) },
  },
  {
    envelope: 'canonical',
    title: 'an older event arrives late',
    sentBy: 'bearer token',
    body: languageChange('en', '2026-01-05T09:00:40Z'),
    answer: { accepted: 1 },
    participants: { [voice.caller]: unchanged({ ...callerWithContact, language: 'fr' }) },
  },
  {
    envelope: 'CloudEvent',
    title: 'a broker sends a language',
    sentBy: 'API key',
    headers: { 'content-type': 'application/cloudevents+json' },
    body: { ...brokerEvent, data: languageChange('pt', '2026-01-05T09:02:00Z') },
    answer: { accepted: 1 },
    participants: { [voice.caller]: applied({ ...callerWithContact, language: 'pt' }) },
  },
  {
    envelope: 'CloudEvent',
    title: 'same event in binary mode',
    sentBy: 'API key',
    headers: Object.fromEntries(Object.entries(brokerEvent).map(([name, value]) => [`ce-${name}`, value])),
    body: languageChange('pt', '2026-01-05T09:02:00Z'),
    answer: { duplicates: 1 },
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
    answer: { ignored: 1 },
  },
]
