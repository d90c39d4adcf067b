import type { ConversationEvent } from '../../src/event.ts'
import { type NewEvent, type Priority, priorities } from '../../src/inbox/inbox.ts'

/** An event of participant `p1` in conversation `c1`. */
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

/** The same event for `inbox.append`. */
export const newEvent = (
  identity: string,
  fields: Partial<ConversationEvent> = {},
  priority: Priority = priorities.normal,
): NewEvent => ({ event: conversationEvent(identity, fields), priority })

/** One event per participant: `event-3` of participant `p3`. */
export const eventOf = (participant: number | string, priority: Priority = priorities.normal): NewEvent =>
  newEvent(`event-${participant}`, { participantId: `p${participant}` }, priority)
