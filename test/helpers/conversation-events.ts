import type { ConversationEvent } from '../../src/event.ts'
import { type NewEvent, type Priority, priorities } from '../../src/inbox/inbox.ts'

/** An event of participant `p1` of conversation `c1`; its identity is the only thing a test must choose. */
export const conversationEvent = (
  identity: string,
  fields: Partial<ConversationEvent> = {},
): ConversationEvent => ({
  identity,
  type: 'conversation:updated',
  conversationId: 'c1',
  participantId: 'p1',
  participant: {},
  body: {},
  ...fields,
})

/** The same, ready to be appended. */
export const newEvent = (
  identity: string,
  fields: Partial<ConversationEvent> = {},
  priority: Priority = priorities.normal,
): NewEvent => ({ event: conversationEvent(identity, fields), priority })

/** One event of a participant of its own: `event-3` of participant `p3`. */
export const eventOf = (participant: number | string, priority: Priority = priorities.normal): NewEvent =>
  newEvent(`event-${participant}`, { participantId: `p${participant}` }, priority)
