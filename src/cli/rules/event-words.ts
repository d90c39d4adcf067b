import type { ConversationEvent } from '../../event.ts'

/** `conversation:created, customer.start, conversation c1, participant p1`. */
export const eventInWords = ({
  type,
  topic,
  conversationId,
  participantId,
}: Pick<ConversationEvent, 'type' | 'topic' | 'conversationId' | 'participantId'>): string =>
  [
    type,
    ...(topic === undefined ? [] : [topic]),
    `conversation ${conversationId}`,
    participantId === undefined ? 'no participant' : `participant ${participantId}`,
  ].join(', ')
