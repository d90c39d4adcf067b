import { Command } from 'commander'
import { ConfigurationError } from '../errors.ts'
import type { PauseAnswer } from './admin/answers.ts'
import { type ConnectionOptions, withConnectionOptions, withService } from './admin/connection.ts'
import { formatStatus } from './delivery/format-status.ts'
import { watchStatus } from './delivery/watch-status.ts'
import { formatDocument, formatTime } from './format.ts'
import { withHelpText } from './help-text.ts'
import { escapeControls, print } from './output.ts'

/** `genesys-enricher delivery …`: shows and controls the delivery of a running service. */
export function deliveryCommand(): Command {
  const delivery = new Command('delivery').description(
    'pause, resume and watch the delivery of a running service',
  )
  const statusCommand = new Command('status')
    .description('show state, rate budget, pending events and dead letters')
    .option('--watch', 'show it again every 2 seconds, until Ctrl-C')
    .action(status)
  const pauseCommand = new Command('pause')
    .description('stop all calls to Genesys Cloud until you resume; events are still accepted')
    .option('--reason <text>', 'shown in status, /health and the log; no personal data')
    .action(pause)
  const resumeCommand = new Command('resume').description('end the pause at once').action(resume)
  for (const [command, ...examples] of [
    [pauseCommand, "--reason 'change window'"],
    [resumeCommand, ''],
    [statusCommand, '', '--watch'],
  ] as const) {
    withHelpText(withConnectionOptions(command), {
      examples: examples.map((example) => `delivery ${command.name()} ${example}`.trimEnd()),
      page: 'pause.md',
    })
    delivery.addCommand(command)
  }
  return delivery
}

async function status(options: ConnectionOptions & { readonly watch?: true }): Promise<void> {
  const { watch, json } = options
  if (watch && json)
    throw new ConfigurationError('The options do not fit together', [
      '--json prints one document: leave out --watch',
    ])
  await withService(options, async (client) => {
    if (watch) return watchStatus(client)
    const answer = await client.status()
    print(json ? formatDocument(answer) : formatStatus(answer, Date.now()))
  })
}

async function pause(options: ConnectionOptions & { readonly reason?: string }): Promise<void> {
  const answer = await withService(options, (client) => client.pause(options.reason))
  print(options.json ? formatDocument(answer) : formatPaused(answer, options))
}

async function resume(options: ConnectionOptions): Promise<void> {
  const answer = await withService(options, (client) => client.resume())
  print(
    options.json
      ? formatDocument(answer)
      : answer.wasPaused
        ? 'Delivery is not paused by an operator any more.\n'
        : 'Delivery was not paused by an operator.\n',
  )
}

function formatPaused(
  { wasPaused, since, reason }: PauseAnswer,
  { reason: given }: { readonly reason?: string },
): string {
  const resume = 'Resume with: genesys-enricher delivery resume\n'
  if (!wasPaused) return `Delivery is paused. The service still accepts events. ${resume}`
  const why =
    reason === null
      ? 'without a reason'
      : `${given === undefined ? 'the reason stays' : 'the reason is now'}: ${escapeControls(reason)}`
  return `Delivery was already paused${since === null ? '' : ` since ${formatTime(since)}`}; ${why}. ${resume}`
}
