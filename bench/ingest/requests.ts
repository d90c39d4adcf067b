import { createHmac, randomUUID } from 'node:crypto'

const secret = 'bench-signing-secret'

const apiKey = 'bench-api-key-of-eventbridge'

export const environment = { WEBHOOK_SECRETS: secret, WEBHOOK_TOKENS: apiKey }

/** An EventBridge event for a customer who joins a call. Each has a new conversation. */
export function customerStart(): object {
  const conversationId = randomUUID()
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'v2.detail.events.conversation.{id}.customer.start',
    source: 'aws.partner/genesys.com/cloud/00000000-0000-4000-8000-00000000aaaa/bench-bus',
    account: '123456789012',
    time: '2026-02-03T10:15:31Z',
    region: 'us-east-1',
    resources: [],
    detail: {
      topicName: `v2.detail.events.conversation.${conversationId}.customer.start`,
      version: '2',
      eventBody: {
        eventTime: 1770113730500,
        conversationId,
        participantId: randomUUID(),
        sessionId: randomUUID(),
        mediaType: 'VOICE',
        provider: 'Edge',
        direction: 'INBOUND',
        ani: 'tel:+13175550100',
        dnis: 'tel:+13175550199',
        divisionId: '11112222-3333-4444-8555-666677778888',
      },
      metadata: { CorrelationId: randomUUID() },
      timestamp: '2026-02-03T10:15:30.912Z',
    },
  }
}

/** An event of a customer who already has the value that the rule sets, so no PATCH is needed. */
export function knownCustomer(): object {
  return {
    id: randomUUID(),
    type: 'conversation:created',
    occurredAt: '2026-02-03T10:15:31Z',
    conversationId: randomUUID(),
    participantId: randomUUID(),
    mediaType: 'voice',
    direction: 'inbound',
    participant: {
      purpose: 'customer',
      address: 'tel:+13175550100',
      dnis: 'tel:+13175550199',
      attributes: { vip_status: 'true' },
    },
  }
}

export const rules = `
version: 1
rules:
  - name: vip
    on: [conversation:created]
    when: participant.purpose == "customer"
    set: { vip_status: true }
`

/** A complete HTTP request, signed by Standard Webhooks. */
export function signedRequest(payload: unknown): Buffer {
  const body = JSON.stringify(payload)
  const id = `msg_${randomUUID()}`
  const timestamp = Math.floor(Date.now() / 1000)
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')
  return Buffer.from(
    [
      'POST /webhooks/genesys HTTP/1.1',
      'host: 127.0.0.1',
      'content-type: application/json',
      `webhook-id: ${id}`,
      `webhook-timestamp: ${timestamp}`,
      `webhook-signature: v1,${signature}`,
      `content-length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  )
}

/** A complete HTTP request as EventBridge API destinations send it, with an API key. */
export function eventBridgeRequest(payload: unknown): Buffer {
  const body = JSON.stringify(payload)
  return Buffer.from(
    [
      'POST /webhooks/genesys HTTP/1.1',
      'Host: 127.0.0.1',
      'User-Agent: Amazon/EventBridge/ApiDestinations',
      'Content-Type: application/json; charset=utf-8',
      'Range: bytes=0-1048575',
      'Accept-Encoding: gzip,deflate',
      'Connection: close',
      `X-API-Key: ${apiKey}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  )
}
