import type { DeadLetterCounts } from '../admin/answers.ts'
import { CommandFailure } from '../command-failure.ts'
import { count, formatDocument, grouped, quoted } from '../format.ts'
import { formatNoMatch } from './format-list.ts'
import type { Change, Changed } from './source.ts'

interface ReportOptions {
  readonly json: boolean
  /** The next start of the service delivers the events. */
  readonly isStopped: boolean
  /** Counts all dead letters, for a match that none fits; undefined for ids and `--all`. */
  readonly countAll: (() => Promise<DeadLetterCounts>) | undefined
}

const done = { replay: 'replayed', drop: 'dropped' } as const

/** Ids in a message; there may be thousands. */
const maxIdsShown = 10

/** The text for standard output. Throws `CommandFailure` if ids were skipped. */
export async function reportChange(
  what: Change,
  { changed, skipped }: Changed,
  { json, isStopped, countAll }: ReportOptions,
): Promise<string> {
  const document = { [done[what]]: changed }
  if (skipped.length > 0)
    throw new CommandFailure({
      code: 'event_not_found',
      message: `${count(changed, 'dead letter')} ${done[what]}, ${count(skipped.length, 'id')} skipped: no dead letter has ${formatIds(skipped)}`,
      remedy: 'Take ids from "dead-letters list". "events show ID" shows what became of an event.',
      document: { ...document, skipped },
    })
  if (json) return formatDocument(document)
  if (changed === 0 && countAll !== undefined)
    return `0 dead letters ${done[what]}. ${formatNoMatch(await countAll())}`
  if (what === 'drop') return `${count(changed, 'dead letter')} dropped.\n`
  const pending = `${count(changed, 'dead letter')} ${changed === 1 ? 'is' : 'are'} pending again.`
  return isStopped
    ? `${pending} The next start of the service delivers ${changed === 1 ? 'it' : 'them'}.\n`
    : `${pending} Check: genesys-enricher events list --state pending\n`
}

function formatIds(ids: readonly string[]): string {
  const shown = ids.slice(0, maxIdsShown).map(quoted).join(', ')
  const more = ids.length - maxIdsShown
  return more > 0 ? `${shown} and ${grouped(more)} more` : shown
}
