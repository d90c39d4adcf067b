import { Command } from 'commander'
import { version } from '../config/version.ts'
import { printNote } from './output.ts'
import { printError } from './print-error.ts'

/** A command's modules are loaded only when it is used, or for the list of all: the start of the service would take longer. */
const commands: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['serve', async () => (await import('./serve.ts')).serveCommand()],
  ['simulate', async () => (await import('./simulate.ts')).simulateCommand()],
  ['demo', async () => (await import('./demo.ts')).demoCommand()],
  ['rules', async () => (await import('./rules.ts')).rulesCommand()],
  ['patch', async () => (await import('./patch.ts')).patchCommand()],
  ['events', async () => (await import('./events.ts')).eventsCommand()],
  ['dead-letters', async () => (await import('./dead-letters.ts')).deadLettersCommand()],
  ['delivery', async () => (await import('./delivery.ts')).deliveryCommand()],
  ['store', async () => (await import('./store.ts')).storeCommand()],
  ['doctor', async () => (await import('./doctor.ts')).doctorCommand()],
])

/** Exit codes: 0 success, 1 failure, 2 invalid usage or configuration. */
export async function run(argv: readonly string[]): Promise<void> {
  const json = argv.includes('--json')
  const program = new Command('genesys-enricher')
    .description('Sets participant attributes on live Genesys Cloud conversations.')
    .version(version)
    .showHelpAfterError('(run genesys-enricher --help for a list of commands)')
  const named = commands.get(argv[2] ?? '')
  for (const load of named === undefined ? commands.values() : [named]) {
    const command = await load()
    program.addCommand(command.copyInheritedSettings(program))
  }
  throwErrors(program, json)
  try {
    await program.parseAsync(argv)
  } catch (error) {
    process.exitCode = printError(error, json)
  }
}

/** Makes commander throw instead of exit. `json`: and print nothing to standard error. */
function throwErrors(command: Command, json: boolean): void {
  command.exitOverride()
  command.configureOutput({ writeErr: json ? () => undefined : printNote })
  for (const child of command.commands) throwErrors(child, json)
}
