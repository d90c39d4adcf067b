import { Command } from 'commander'
import { loadEnvFile, readPaths } from '../../config/config.ts'
import { ConfigurationError } from '../../errors.ts'
import { InboxOpenError, type RecordedEvent } from '../../inbox/inbox.ts'
import { countRecordedEvents, readRecordedEvents } from '../../inbox/open-inbox.ts'
import { count, formatEvent, quoted } from '../format.ts'
import { since, sinceForms, wholeNumber } from '../option-values.ts'
import { escapeControls, print } from '../output.ts'
import { progressOf } from '../progress.ts'
import { type ChangedAttribute, compareDecisions, type DiffTotals } from './compare-decisions.ts'
import { loadRulesFile } from './rules-file.ts'

interface DiffOptions {
  readonly store?: string
  readonly limit: number
  readonly since?: number
  readonly values?: true
  readonly online?: true
}

/** `rules diff`: exit code 1 if the two files decide an event differently. */
export const diffCommand = (): Command =>
  new Command('diff')
    .description('compare the decisions of two rules files on the events recorded in an inbox')
    .argument('<old>', 'the current rules file')
    .argument('<new>', 'the changed rules file')
    .option('--store <url>', 'the inbox as sqlite:PATH; the service may be running (default: STORE_URL)')
    .option('--limit <events>', 'compare at most this many events, newest first', wholeNumber(1), 1_000)
    .option('--since <time>', `compare only events accepted since then: ${sinceForms}`, (text) =>
      since(text, Date.now()),
    )
    .option('--values', 'print attribute values too')
    .option('--online', 'call HTTP lookups; without it, events that need them are not compared')
    .action(diff)

async function diff(oldFile: string, newFile: string, options: DiffOptions): Promise<void> {
  const { limit, since: from, values = false, online = false } = options
  const { loaded: before } = await loadRulesFile(oldFile)
  const { loaded: after } = await loadRulesFile(newFile)
  const progress = progressOf('events compared')
  try {
    const onDifferent = (recorded: RecordedEvent, attributes: readonly ChangedAttribute[]) => {
      progress.clear()
      printLines([
        titleOf(recorded),
        ...attributes.map((each) => `  ${formatChange(each, recorded, values)}`),
      ])
    }
    const query = { limit, ...(from !== undefined && { since: from }) }
    const url = storeUrl(options.store)
    const events = await readRecordedEvents(url, query)
    const total = await countRecordedEvents(url, query)
    const onEvent = (compared: number) => progress.update(compared, total)
    const totals = await compareDecisions({ before, after, events, online, onDifferent, onEvent })
    progress.clear()
    printLines(formatTotals(totals))
    if (totals.different > 0) process.exitCode = 1
  } catch (error) {
    throw error instanceof InboxOpenError ? new ConfigurationError(error.message, []) : error
  } finally {
    progress.clear()
    before.rules.close()
    after.rules.close()
  }
}

const printLines = (lines: readonly string[]): void => {
  print(`${lines.map(escapeControls).join('\n')}\n`)
}

function storeUrl(given: string | undefined): string {
  if (given === undefined) loadEnvFile()
  return given ?? readPaths().store
}

const titleOf = ({ acceptedAt, event }: RecordedEvent): string =>
  `${new Date(acceptedAt).toISOString()} ${formatEvent(event)}`

function formatChange(
  { participantId, attribute, before, after }: ChangedAttribute,
  { event }: RecordedEvent,
  values: boolean,
): string {
  const on = participantId === (event.participantId ?? '') ? '' : ` on ${participantId}`
  const sign = before === undefined ? '+' : after === undefined ? '-' : '~'
  const shown = [before, after].flatMap((value) => (value === undefined ? [] : [quoted(value)])).join(' → ')
  return `${sign} ${attribute}${on}${values ? `: ${shown}` : ''}`
}

function formatTotals({ events, same, different, unknown, gained, lost }: DiffTotals): readonly string[] {
  const compared = same + different
  return [
    `${count(events, 'event')} compared: ${count(same, 'same', 'same')}, ${count(different, 'different', 'different')}${
      compared === events ? '' : `, ${count(events - compared, 'not comparable', 'not comparable')}`
    }.`,
    ...(different > 0 ? ['(+ newly set, - no longer set, ~ different value)'] : []),
    ...[...unknown].map(([need, number]) => `Needs ${need}: ${count(number, 'event')}.`),
    ...[...gained].map(
      ([rule, number]) => `Newly matched by rule ${quoted(rule)}: ${count(number, 'event')}.`,
    ),
    ...[...lost].map(
      ([rule, number]) => `No longer matched by rule ${quoted(rule)}: ${count(number, 'event')}.`,
    ),
  ]
}
