import type { EventItem } from '../admin/answers.ts'
import { count, formatTime } from '../format.ts'
import { formatRows } from '../format-rows.ts'

interface ListFormat {
  /** More events match than are listed. */
  readonly more: boolean
  /** All events are of one conversation, which the operator has named. */
  readonly ofOneConversation: boolean
  readonly isTerminal: boolean
}

/** A table of events, newest first. */
export function formatEvents(
  events: readonly EventItem[],
  { more, ofOneConversation, isTerminal }: ListFormat,
): string {
  if (events.length === 0) return noEvents
  const rows = events.map(
    ({ acceptedAt, state, type, topic, rules, attributeNames, code, reason, conversationId, id }) => [
      formatTime(acceptedAt),
      state,
      topic ?? type,
      rules.join(', '),
      attributeNames.join(', '),
      code ?? reason ?? '',
      ...(ofOneConversation ? [] : [conversationId]),
      id,
    ],
  )
  const conversation = ofOneConversation ? [] : ['CONVERSATION']
  const titles = [
    'ACCEPTED AT',
    'STATE',
    'EVENT',
    'RULES',
    'ATTRIBUTES',
    'CODE OR REASON',
    ...conversation,
    'ID',
  ]
  const shown = more
    ? `The newest ${count(events.length, 'event')}; more match: narrow the list with --since, or raise --limit.`
    : `${count(events.length, 'event')}.`
  return `${formatRows(titles, rows, isTerminal)}\n${shown}\n`
}

const noEvents = `No events match. Common causes:
  - The relay did not send the event, or the service rejected it: see "rejected" in delivery status.
  - No rule listens to the event, so the service did not store it: see "ignored" in delivery status.
  - The event is older than RETENTION_MS, or the options exclude it.
docs/operations/investigate.md has the next steps.
`
