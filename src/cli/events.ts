import { Command, Option } from 'commander'
import { type ConnectionOptions, withConnectionOptions, withService } from './admin/connection.ts'
import { readPages } from './admin/pages.ts'
import { formatEvents } from './events/format-list.ts'
import { formatDocument } from './format.ts'
import { since, wholeNumber } from './option-values.ts'

/** `genesys-enricher events …`: what happened to the events of a running service. */
export function eventsCommand(): Command {
  const events = new Command('events').description('list events, and show what happened to one')
  const listCommand = new Command('list')
    .description('list events, newest first')
    .option('--conversation <id>', 'only events of this conversation')
    .option('--participant <id>', 'only events of this participant')
    .addOption(
      new Option('--state <state>', 'only events in this state').choices([
        'pending',
        'applied',
        'unchanged',
        'dead',
      ]),
    )
    .option('--since <time>', 'only events accepted since then: 30m, 1h, 2d or an ISO 8601 time', (text) =>
      since(text, Date.now()),
    )
    .option('--limit <number>', 'list at most this many', wholeNumber(1, 100_000), 50)
    .action(list)
  for (const command of [listCommand]) events.addCommand(withConnectionOptions(command))
  return events
}

interface ListOptions extends ConnectionOptions {
  readonly conversation?: string
  readonly participant?: string
  readonly state?: string
  readonly since?: number
  readonly limit: number
}

async function list(options: ListOptions): Promise<void> {
  const { conversation, participant, state, limit, json } = options
  const query = {
    conversationId: conversation,
    participantId: participant,
    state,
    since: options.since === undefined ? undefined : new Date(options.since).toISOString(),
  }
  const page = await withService(options, (client) =>
    readPages(limit, (part) => client.events({ ...query, ...part })),
  )
  process.stdout.write(
    json ? formatDocument(page) : formatEvents(page.items, page.nextCursor !== null, process.stdout.isTTY),
  )
}
