import { Command } from 'commander'
import { loadEnvFile } from '../config/config.ts'
import { ConfigurationError } from '../errors.ts'
import { type ConnectionOptions, withConnectionOptions, withService } from './admin/connection.ts'
import { CommandFailure } from './command-failure.ts'
import { confirmDrop } from './dead-letters/confirm-drop.ts'
import { formatDeadLetters } from './dead-letters/format-list.ts'
import { formatSelection, readSelection, type SelectionOptions } from './dead-letters/selection.ts'
import { servedLetters } from './dead-letters/served.ts'
import type { Change, DeadLetterFilter, DeadLetterSource } from './dead-letters/source.ts'
import { withStore } from './dead-letters/stored.ts'
import { formatEvent } from './events/format-event.ts'
import { count, formatDocument } from './format.ts'
import { since, wholeNumber } from './option-values.ts'
import { progressOf } from './progress.ts'

interface SourceOptions extends ConnectionOptions {
  readonly store?: string
}

/** `genesys-enricher dead-letters …`: the events that the service gave up. */
export function deadLettersCommand(): Command {
  const listCommand = withMatch(new Command('list'))
    .description('list dead letters, oldest first, with a summary by code and rule')
    .option('--limit <number>', 'list at most this many', wholeNumber(1, 100_000), 100)
    .action(list)
  const showCommand = new Command('show')
    .description('show one dead letter and what to do')
    .argument('<id>', 'the id, as "dead-letters list" shows it')
    .action(show)
  const replayCommand = withSelection(new Command('replay'))
    .description('deliver dead letters again, behind live events and with the rules in force')
    .action((ids: readonly string[], options: ChangeOptions) => change('replay', ids, options))
  const dropCommand = withSelection(new Command('drop'))
    .description('delete dead letters; this cannot be undone')
    .option('--yes', 'do not ask')
    .action((ids: readonly string[], options: ChangeOptions) => change('drop', ids, options))
  const deadLetters = new Command('dead-letters').description(
    'list, replay and drop events that were given up',
  )
  for (const command of [listCommand, showCommand, replayCommand, dropCommand]) {
    withConnectionOptions(command).option(
      '--store <url>',
      'the inbox of a stopped service, as sqlite:PATH or postgres://…',
    )
    deadLetters.addCommand(command)
  }
  return deadLetters
}

const withMatch = (command: Command): Command =>
  command
    .option('--code <code>', 'only dead letters with this code, such as forbidden')
    .option('--rule <rule>', 'only dead letters of this rule')
    .option('--since <time>', 'only those that died since then: 30m, 1h, 2d or an ISO 8601 time', (text) =>
      since(text, Date.now()),
    )

const withSelection = (command: Command): Command =>
  withMatch(
    command.argument('[ids...]', 'the ids of dead letters, as "dead-letters list" shows them'),
  ).option('--all', 'all dead letters')

/** Calls `work` with the dead letters of the running service, or with `--store` of a stopped one. */
async function withSource<T>(
  options: SourceOptions,
  work: (source: DeadLetterSource) => Promise<T>,
): Promise<T> {
  const { store, url, tokenFile } = options
  if (store === undefined) return withService(options, (client) => work(servedLetters(client)))
  if (url !== undefined || tokenFile !== undefined)
    throw new ConfigurationError('The options do not fit together', [
      '--store is for the inbox of a stopped service: leave out --url and --token-file',
    ])
  loadEnvFile()
  return withStore(store, work)
}

type ListOptions = SourceOptions & Partial<DeadLetterFilter> & { readonly limit: number }

async function list(options: ListOptions): Promise<void> {
  const { code, rule, since: from, limit, json } = options
  const page = await withSource(options, (source) => source.list({ code, rule, since: from }, limit))
  const { items, nextCursor } = page
  process.stdout.write(
    json ? formatDocument(page) : formatDeadLetters(items, nextCursor !== null, process.stdout.isTTY),
  )
}

async function show(id: string, options: SourceOptions): Promise<void> {
  const letter = await withSource(options, (source) => source.show(id))
  process.stdout.write(
    options.json
      ? formatDocument(letter)
      : `${formatEvent(letter)}\nWhen the cause is gone: genesys-enricher dead-letters replay ${letter.id}\n`,
  )
}

type ChangeOptions = SourceOptions & SelectionOptions & { readonly yes?: true }

const done = { replay: 'replayed', drop: 'dropped' } as const

async function change(what: Change, ids: readonly string[], options: ChangeOptions): Promise<void> {
  const { json, yes } = options
  const selection = readSelection(ids, options)
  if (what === 'drop' && !yes) await confirmDrop(formatSelection(selection), json === true)
  const changed = await withSource(options, async (source) => {
    const progress = progressOf(`dead letters ${done[what]}`, { json })
    try {
      return await source.change(what, selection, progress)
    } finally {
      progress.clear()
    }
  })
  const document = { [done[what]]: changed }
  const skipped = 'ids' in selection ? selection.ids.length - changed : 0
  if (skipped > 0)
    throw new CommandFailure({
      code: 'event_not_found',
      message: `${count(changed, 'dead letter')} ${done[what]}, ${count(skipped, 'id')} skipped: no dead letter has ${skipped === 1 ? 'it' : 'them'}`,
      remedy: 'Take ids from "dead-letters list". "events show ID" shows what became of an event.',
      document,
    })
  process.stdout.write(json ? formatDocument(document) : `${count(changed, 'dead letter')} ${done[what]}.\n`)
}
