import { Command } from 'commander'
import { ConfigurationError } from '../errors.ts'
import { type ConnectionOptions, withConnectionOptions, withService } from './admin/connection.ts'
import { readPages } from './admin/pages.ts'
import { CommandFailure } from './command-failure.ts'
import { canAsk, confirm } from './confirm.ts'
import { type Change, changeOnService } from './dead-letters/change.ts'
import { formatDeadLetters } from './dead-letters/format-list.ts'
import { formatSelection, readSelection, type SelectionOptions } from './dead-letters/selection.ts'
import { count, formatDocument } from './format.ts'
import { since, wholeNumber } from './option-values.ts'
import { createProgress } from './progress.ts'

/** `genesys-enricher dead-letters …`: the events that were given up. */
export function deadLettersCommand(): Command {
  const deadLetters = new Command('dead-letters').description(
    'list, replay and drop events that were given up',
  )
  const listCommand = new Command('list')
    .description('list dead letters, oldest first, with a summary by code and rule')
    .option('--code <code>', 'only dead letters with this code, such as forbidden')
    .option('--rule <rule>', 'only dead letters of this rule')
    .option('--since <time>', 'only those that died since then: 30m, 1h, 2d or an ISO 8601 time', (text) =>
      since(text, Date.now()),
    )
    .option('--limit <number>', 'list at most this many', wholeNumber(1, 100_000), 100)
    .action(list)
  const replayCommand = withSelection(new Command('replay'))
    .description('deliver dead letters again, behind live events and with the rules in force')
    .action((ids: readonly string[], options: ChangeOptions) => change('replay', ids, options))
  const dropCommand = withSelection(new Command('drop'))
    .description('delete dead letters; it cannot be undone')
    .option('--yes', 'do not ask')
    .action((ids: readonly string[], options: ChangeOptions) => change('drop', ids, options))
  for (const command of [listCommand, replayCommand, dropCommand])
    deadLetters.addCommand(withConnectionOptions(command))
  return deadLetters
}

const withSelection = (command: Command): Command =>
  command
    .argument('[ids...]', 'the ids of dead letters, as "dead-letters list" shows them')
    .option('--code <code>', 'all dead letters with this code')
    .option('--all', 'all dead letters')

interface ListOptions extends ConnectionOptions {
  readonly code?: string
  readonly rule?: string
  readonly since?: number
  readonly limit: number
}

async function list(options: ListOptions): Promise<void> {
  const { code, rule, limit, json } = options
  const from = options.since === undefined ? undefined : new Date(options.since).toISOString()
  const page = await withService(options, (client) =>
    readPages(limit, (part) => client.deadLetters({ code, rule, since: from, ...part })),
  )
  process.stdout.write(
    json
      ? formatDocument(page)
      : formatDeadLetters(page.items, page.nextCursor !== null, process.stdout.isTTY),
  )
}

interface ChangeOptions extends ConnectionOptions, SelectionOptions {
  readonly yes?: true
}

const done = { replay: 'replayed', drop: 'dropped' } as const

async function change(what: Change, ids: readonly string[], options: ChangeOptions): Promise<void> {
  const { json, yes } = options
  const selection = readSelection(ids, options)
  const changed = await withService(options, async (client) => {
    if (what === 'drop' && !yes) await askToDrop(formatSelection(selection), json === true)
    const progress = createProgress({ silent: json === true, startedAt: Date.now() })
    try {
      return await changeOnService(client, what, selection, progress)
    } finally {
      progress.end()
    }
  })
  const document = { [done[what]]: changed }
  const skipped = 'ids' in selection ? selection.ids.length - changed : 0
  if (skipped > 0)
    throw new CommandFailure({
      code: 'dead_letter_not_found',
      message: `${count(changed, 'dead letter')} ${done[what]}; ${count(skipped, 'id')} of no dead letter`,
      remedy:
        'Take the ids from "dead-letters list". An event that is no dead letter any more is in "events show ID".',
      document,
    })
  process.stdout.write(json ? formatDocument(document) : `${count(changed, 'dead letter')} ${done[what]}.\n`)
}

/** Throws unless the operator says yes. */
async function askToDrop(subject: string, json: boolean): Promise<void> {
  if (json || !canAsk())
    throw new ConfigurationError('Nothing is dropped', [
      '--yes is required where the command cannot ask: it deletes events, and they cannot be replayed',
    ])
  if (await confirm(`Drop ${subject}? They cannot be replayed afterwards.`)) return
  throw new CommandFailure({
    code: 'not_confirmed',
    message: 'Nothing is dropped: the answer was not yes.',
    remedy: 'Answer y to drop, or give --yes.',
  })
}
