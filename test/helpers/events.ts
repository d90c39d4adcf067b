import type { ConversationEvent } from '../../src/event.ts'

/** A canonical event, as a relay sends it. */
export const canonicalItem = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  type: 'conversation:created',
  conversationId: 'conversation-1',
  participantId: 'participant-1',
  participant: { purpose: 'customer', address: 'tel:+13175550100' },
  ...changes,
})

/** An event in a CloudEvents envelope. */
export const cloudEvent = (
  data: unknown,
  changes: Record<string, unknown> = {},
): Record<string, unknown> => ({
  specversion: '1.0',
  id: 'ce-1',
  source: 'https://broker.example.com/genesys',
  type: 'com.example.conversation',
  data,
  ...changes,
})

/** An event as stored in the inbox. */
export const conversationEvent = (changes: Partial<ConversationEvent> = {}): ConversationEvent => ({
  identity: 'id:event-1',
  type: 'conversation:created',
  conversationId: 'conversation-1',
  participantId: 'participant-1',
  participant: { purpose: 'customer', address: 'tel:+13175550100' },
  body: {},
  ...changes,
})
