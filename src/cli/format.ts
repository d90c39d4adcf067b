import type { ConversationEvent } from '../event.ts'

/** `1 rule`, `1,204 rows`. */
export const count = (number: number, noun: string, plural = `${noun}s`): string =>
  `${number.toLocaleString('en-US')} ${number === 1 ? noun : plural}`

/** Quotes a value and escapes line breaks. */
export const quoted = (value: string): string => JSON.stringify(value)

/** A title and a list, each item on its own line. */
export const formatList = (title: string, items: readonly string[]): string =>
  [title, ...items.map((item) => `  - ${item}`), ''].join('\n')

/** `conversation:created, customer.start, conversation c1, participant p1`. */
export const formatEvent = ({
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
