/** A detail event in the envelope of Amazon EventBridge. */
export const eventBridge = (id: string, conversationId: string, topic: string, eventBody: object) => ({
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
export const notification = (conversationId: string, topic: string, eventBody: object) => ({
  topicName: `v2.detail.events.conversation.${conversationId}.${topic}`,
  version: '2',
  eventBody: { conversationId, ...eventBody },
  metadata: { CorrelationId: '00000000-0000-4000-8000-0000000000cc' },
})

type Attributes = Readonly<Record<string, string>>

/** Structured mode: attributes and data in the body. */
export const structuredCloudEvent = (attributes: Attributes, data: object) => ({
  headers: { 'content-type': 'application/cloudevents+json' },
  body: { ...attributes, data },
})

/** Binary mode: attributes as headers. Values must be ASCII, since this does not percent-encode them. */
export const binaryCloudEvent = (attributes: Attributes, data: object) => ({
  headers: Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value])),
  body: data,
})
