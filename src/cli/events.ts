import { Command, Option } from 'commander'
import { eventStates } from '../inbox/inbox.ts'
import { lowerCaseUuid } from '../values/normal-forms.ts'
import { type ConnectionOptions, withConnectionOptions, withService } from './admin/connection.ts'
import { readPages } from './admin/pages.ts'
import { formatEvent } from './events/format-event.ts'
import { formatEvents } from './events/format-list.ts'
import { formatDocument } from './format.ts'
import { withHelpText } from './help-text.ts'
import { since, sinceForms, wholeNumber } from './option-values.ts'
import { print, printStyled } from './output.ts'

/** `genesys-enricher events …`: what happened to the events of a running service. */
export function eventsCommand(): Command {
  const events = new Command('events').description('list events, and show what happened to one')
  const listCommand = new Command('list')
    .description('list events, newest first')
    .option('--conversation <id>', 'only events of this conversation')
    .option('--participant <id>', 'only events of this participant')
    .addOption(new Option('--state <state>', 'only events in this state').choices(eventStates))
    .option('--since <time>', `only events accepted since then: ${sinceForms}`, (text) =>
      since(text, Date.now()),
    )
    .option('--limit <number>', 'list at most this many', wholeNumber(1, 100_000), 50)
    .action(list)
  const showCommand = new Command('show')
    .description('show what happened to one event, and why')
    .argument('<id>', 'the id, as "events list" shows it, or the id that the sender gave the event')
    .action(show)
  for (const [command, ...examples] of [
    [listCommand, '--conversation ID', '--state pending --since 1h'],
    [showCommand, 'id:e1'],
  ] as const) {
    withHelpText(withConnectionOptions(command), {
      examples: examples.map((example) => `events ${command.name()} ${example}`),
      page: 'events.md',
    })
    events.addCommand(command)
  }
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
    conversationId: conversation && lowerCaseUuid(conversation),
    participantId: participant && lowerCaseUuid(participant),
    state,
    since: options.since === undefined ? undefined : new Date(options.since).toISOString(),
  }
  const page = await withService(options, (client) =>
    readPages(limit, (part) => client.events({ ...query, ...part })),
  )
  printStyled(
    json
      ? formatDocument(page)
      : formatEvents(page.items, {
          more: page.nextCursor !== null,
          ofOneConversation: conversation !== undefined,
          isTerminal: process.stdout.isTTY,
        }),
  )
}

async function show(id: string, options: ConnectionOptions): Promise<void> {
  const event = await withService(options, (client) => client.event(id))
  print(options.json ? formatDocument(event) : formatEvent(event))
}
