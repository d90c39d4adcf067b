import type { EventItem } from '../admin/answers.ts'
import { count, formatTime } from '../format.ts'
import { formatRows } from '../format-rows.ts'

/** A table of events, newest first. */
export function formatEvents(events: readonly EventItem[], more: boolean, isTerminal: boolean): string {
  if (events.length === 0)
    return 'No events: none was stored for these options, or it is older than RETENTION_MS.\n'
  const rows = events.map(({ acceptedAt, state, type, topic, rules, attributeNames, code, id }) => [
    formatTime(acceptedAt),
    state,
    topic ?? type,
    rules.join(', '),
    attributeNames.join(', '),
    code ?? '',
    id,
  ])
  const titles = ['ACCEPTED AT', 'STATE', 'EVENT', 'RULES', 'ATTRIBUTES', 'CODE', 'ID']
  const shown = more
    ? `The newest ${count(events.length, 'event')}; more match: narrow the list with --since, or raise --limit.`
    : `${count(events.length, 'event')}.`
  return `${formatRows(titles, rows, isTerminal)}\n${shown}\n`
}
