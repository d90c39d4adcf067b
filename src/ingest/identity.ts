import { hash } from 'node:crypto'
import type { ConversationEvent } from '../event.ts'
import type { DraftEvent } from './envelopes/envelope.ts'

export interface Delivery {
  /** `webhook-id` of the request, if the sender uses Standard Webhooks. */
  readonly webhookId?: string | undefined
  /** Index of the item in the request. */
  readonly index: number
  /** Returns the hash of the whole item, computed once for all its events. */
  readonly bodyHash?: () => string
}

/**
 * Adds the identity that detects duplicates. It is the first of these that is present: the id of the event or its envelope;
 * topic, conversation, participant, session and time together; the id of the delivery; a hash of the body.
 */
export function identify(draft: DraftEvent, delivery: Delivery): ConversationEvent {
  const { envelopeId, sessionId, identityPart, participantAsSent, conversationEnded, ...event } = draft
  return Object.assign(event, { identity: identityOf(draft, delivery) })
}

function identityOf(draft: DraftEvent, delivery: Delivery): string {
  const part = draft.identityPart === undefined ? '' : `#${draft.identityPart}`
  if (draft.envelopeId !== undefined) return `id:${draft.envelopeId}${part}`
  const { topic, conversationId, participantId, sessionId, occurredAt } = draft
  if (
    topic !== undefined &&
    participantId !== undefined &&
    sessionId !== undefined &&
    occurredAt !== undefined
  ) {
    return `event:${sha256([topic, conversationId, participantId, sessionId, occurredAt])}`
  }
  if (delivery.webhookId !== undefined) {
    return `delivery:${sha256([delivery.webhookId, delivery.index])}${part}`
  }
  return `body:${delivery.bodyHash?.() ?? sha256(draft.body)}${part}`
}

export const sha256 = (value: unknown): string => hash('sha256', JSON.stringify(value), 'base64url')
