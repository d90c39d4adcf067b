import { Command } from 'commander'
import { loadEnvFile } from '../config/config.ts'
import { ConfigurationError } from '../errors.ts'
import { type ConnectionOptions, withConnectionOptions, withService } from './admin/connection.ts'
import { confirmDrop } from './dead-letters/confirm-drop.ts'
import { formatDeadLetters, formatNoMatch } from './dead-letters/format-list.ts'
import { reportChange } from './dead-letters/report-change.ts'
import {
  formatSelection,
  type MatchOptions,
  readMatch,
  readSelection,
  type SelectionOptions,
} from './dead-letters/selection.ts'
import { servedLetters } from './dead-letters/served.ts'
import type { Change, DeadLetterSource } from './dead-letters/source.ts'
import { withStore } from './dead-letters/stored.ts'
import { formatEvent } from './events/format-event.ts'
import { formatDocument, formatTime } from './format.ts'
import { withHelpText } from './help-text.ts'
import { deadLetterCode, since, sinceForms, wholeNumber } from './option-values.ts'
import { print, printStyled } from './output.ts'
import { progressOf } from './progress.ts'
import { formatOptions, shellWord } from './shell-words.ts'

interface SourceOptions extends ConnectionOptions {
  readonly store?: string
}

const idDescription = 'as "dead-letters list" shows it, or as the sender gave it to the event'

/** `genesys-enricher dead-letters …`: the events that the service gave up. */
export function deadLettersCommand(): Command {
  const listCommand = withMatch(new Command('list'))
    .description('list dead letters in order of acceptance, with a summary of all by code and rule')
    .option('--limit <number>', 'list at most this many', wholeNumber(1, 100_000), 100)
    .action(list)
  const showCommand = new Command('show')
    .description('show one dead letter and what to do')
    .argument('<id>', `the id ${idDescription}`)
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
  for (const [command, ...examples] of [
    [listCommand, '--since 1h', '--code forbidden'],
    [showCommand, 'id:e1'],
    [replayCommand, 'id:e1', '--code forbidden --since 1h', '--all'],
    [dropCommand, 'id:e1', '--code not_found --yes'],
  ] as const) {
    withConnectionOptions(command).option('--store <url>', 'the inbox of a stopped service, as sqlite:PATH')
    withHelpText(command, {
      examples: examples.map((example) => `dead-letters ${command.name()} ${example}`),
      page: 'dead-letters.md',
    })
    deadLetters.addCommand(command)
  }
  return deadLetters
}

const withMatch = (command: Command): Command =>
  command
    .option('--code <code>', 'only dead letters with this code, such as forbidden', deadLetterCode)
    .option('--rule <rule>', 'only dead letters of this rule')
    .option('--conversation <id>', 'only dead letters of this conversation')
    .option('--since <time>', `only those that died since then: ${sinceForms}`, (text) =>
      since(text, Date.now()),
    )

const withSelection = (command: Command): Command =>
  withMatch(
    command.argument(
      '[ids...]',
      `the ids, each ${idDescription}; give either ids, or at least one of --code, --rule, --conversation and --since, or --all`,
    ),
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

/** The options that lead to the same dead letters, for a command to copy. */
const sourceOptions = ({ store, url, tokenFile }: SourceOptions): string =>
  formatOptions({ store, url, 'token-file': tokenFile })

type ListOptions = SourceOptions & MatchOptions & { readonly limit: number }

async function list(options: ListOptions): Promise<void> {
  const { limit, json } = options
  const match = readMatch(options)
  await withSource(options, async (source) => {
    const page = await source.list(match, limit)
    const counts = await source.counts(match)
    const { isTTY: isTerminal } = process.stdout
    const text = async () =>
      page.items.length === 0
        ? formatNoMatch(await source.counts({}))
        : formatDeadLetters(page.items, {
            counts,
            replayCommand: (code) => replayCommandFor(code, options),
            isTerminal,
          })
    printStyled(json ? formatDocument({ ...page, counts }) : await text())
  })
}

/** Replays those of the list with this code: the options of the list stay. */
function replayCommandFor(code: string, options: ListOptions): string {
  const { rule, conversation, since: from } = options
  const time = from === undefined ? undefined : formatTime(new Date(from).toISOString())
  const match = formatOptions({ code, rule, conversation, since: time })
  return `genesys-enricher dead-letters replay${match}${sourceOptions(options)}`
}

async function show(id: string, options: SourceOptions): Promise<void> {
  const letter = await withSource(options, (source) => source.show(id))
  const replay = `genesys-enricher dead-letters replay ${shellWord(letter.id)}${sourceOptions(options)}`
  print(options.json ? formatDocument(letter) : `${formatEvent(letter)}\nWhen the cause is gone: ${replay}\n`)
}

type ChangeOptions = SourceOptions & SelectionOptions & { readonly yes?: true }

async function change(what: Change, ids: readonly string[], options: ChangeOptions): Promise<void> {
  const { json, yes, store } = options
  const selection = readSelection(ids, options)
  if (what === 'drop' && !yes) await confirmDrop(formatSelection(selection), json === true)
  await withSource(options, async (source) => {
    const progress = progressOf(`dead letters ${what === 'replay' ? 'replayed' : 'dropped'}`, { json })
    const changed = await source.change(what, selection, progress).finally(() => progress.clear())
    const isMatch = !('ids' in selection || 'all' in selection)
    print(
      await reportChange(what, changed, {
        json: json === true,
        isStopped: store !== undefined,
        countAll: isMatch ? () => source.counts({}) : undefined,
      }),
    )
  })
}
