import { Command, InvalidArgumentError } from 'commander'
import { loadEnvFile, readPaths } from '../../config/config.ts'
import type { ChangedAttribute } from '../../enrich/compare-decisions.ts'
import { ConfigurationError } from '../../errors.ts'
import { InboxOpenError, type RecordedEvent } from '../../inbox/inbox.ts'
import { readRecordedEvents } from '../../inbox/open-inbox.ts'
import { type DiffTotals, runDiff } from './diff-run.ts'
import { eventInWords } from './event-words.ts'
import { requireRules } from './rules-file.ts'
import { count, quoted } from './words.ts'

interface DiffOptions {
  readonly store?: string
  readonly limit: number
  readonly since?: number
  readonly values?: true
  readonly online?: true
}

/** `rules diff`: exit code 1 if the files make different things of an event. */
export const diffCommand = (): Command =>
  new Command('diff')
    .description('show what other rules would make of the events that an inbox has recorded')
    .argument('<old>', 'the rules file to start from')
    .argument('<new>', 'the rules file to compare it with')
    .option('--store <url>', 'the inbox, sqlite:PATH; the service may be running (default: STORE_URL)')
    .option('--limit <events>', 'look at the newest ones, at most this many', wholeNumber, 1_000)
    .option('--since <time>', 'look at those accepted since, such as 2026-01-31T09:30:00Z', time)
    .option('--values', 'show values too, not only names of attributes')
    .option('--online', 'ask lookups over HTTP; without it, what depends on them is not compared')
    .action(diff)

async function diff(oldFile: string, newFile: string, options: DiffOptions): Promise<void> {
  const { limit, since, values = false, online = false } = options
  const { loaded: before } = await requireRules(oldFile)
  const { loaded: after } = await requireRules(newFile)
  try {
    const onDifferent = (recorded: RecordedEvent, attributes: readonly ChangedAttribute[]) =>
      print([titleOf(recorded), ...attributes.map((each) => `  ${inWords(each, recorded, values)}`)])
    const query = { limit, ...(since !== undefined && { since }) }
    const events = await readRecordedEvents(storeUrl(options.store), query)
    const totals = await runDiff({ before, after, events, online, onDifferent })
    print(totalsInWords(totals))
    if (totals.different > 0) process.exitCode = 1
  } catch (error) {
    throw error instanceof InboxOpenError ? new ConfigurationError(error.message, []) : error
  } finally {
    before.rules.close()
    after.rules.close()
  }
}

const print = (lines: readonly string[]): void => {
  process.stdout.write(`${lines.join('\n')}\n`)
}

function storeUrl(given: string | undefined): string {
  if (given === undefined) loadEnvFile()
  return given ?? readPaths().store
}

const titleOf = ({ acceptedAt, event }: RecordedEvent): string =>
  `${new Date(acceptedAt).toISOString()} ${eventInWords(event)}`

function inWords(
  { participantId, attribute, before, after }: ChangedAttribute,
  { event }: RecordedEvent,
  values: boolean,
): string {
  const on = participantId === (event.participantId ?? '') ? '' : ` on ${participantId}`
  const sign = before === undefined ? '+' : after === undefined ? '-' : '~'
  const shown = [before, after].flatMap((value) => (value === undefined ? [] : [quoted(value)])).join(' → ')
  return `${sign} ${attribute}${on}${values ? `: ${shown}` : ''}`
}

function totalsInWords({ events, same, different, unknown, gained, lost }: DiffTotals): readonly string[] {
  const compared = same + different
  return [
    `${count(events, 'event')} looked at: ${count(same, 'is', 'are')} the same, ${count(different, 'differs', 'differ')}${
      compared === events ? '' : `, ${count(events - compared, 'cannot be compared', 'cannot be compared')}`
    }.`,
    ...(different > 0 ? ['(+ newly set, - no longer set, ~ set to another value)'] : []),
    ...[...unknown].map(([need, number]) => `Needs ${need}: ${count(number, 'event')}.`),
    ...[...gained].map(
      ([rule, number]) => `Newly matched by rule ${quoted(rule)}: ${count(number, 'event')}.`,
    ),
    ...[...lost].map(
      ([rule, number]) => `No longer matched by rule ${quoted(rule)}: ${count(number, 'event')}.`,
    ),
  ]
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number, 1 or more.')
}

/** Without a zone it is UTC, as everywhere. */
function time(text: string): number {
  const [, date, clock = 'T00:00', zone = 'Z'] =
    /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?(Z|[+-]\d{2}:\d{2})?$/i.exec(text) ?? []
  const epochMs = date === undefined ? Number.NaN : Date.parse(`${date}${clock}${zone}`)
  if (!Number.isNaN(epochMs)) return epochMs
  throw new InvalidArgumentError('It must be an ISO 8601 time such as 2026-01-31T09:30:00Z.')
}
