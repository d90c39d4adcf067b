import { Command } from 'commander'
import { ConfigurationError } from '../errors.ts'
import { type ConnectionOptions, withConnectionOptions, withService } from './admin/connection.ts'
import { formatStatus } from './delivery/format-status.ts'
import { watchStatus } from './delivery/watch-status.ts'
import { formatDocument } from './format.ts'

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
  for (const command of [pauseCommand, resumeCommand, statusCommand])
    delivery.addCommand(withConnectionOptions(command))
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
    process.stdout.write(json ? formatDocument(answer) : formatStatus(answer, Date.now()))
  })
}

async function pause(options: ConnectionOptions & { readonly reason?: string }): Promise<void> {
  const answer = await withService(options, (client) => client.pause(options.reason))
  process.stdout.write(
    options.json
      ? formatDocument(answer)
      : 'Delivery is paused. The service still accepts events. Resume with: genesys-enricher delivery resume\n',
  )
}

async function resume(options: ConnectionOptions): Promise<void> {
  const answer = await withService(options, (client) => client.resume())
  process.stdout.write(
    options.json ? formatDocument(answer) : 'Delivery is not paused by an operator any more.\n',
  )
}
