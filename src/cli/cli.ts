import { Command, CommanderError } from 'commander'
import { version } from '../config/version.ts'
import { ConfigurationError } from '../errors.ts'
import { InboxOpenError } from '../inbox/inbox.ts'
import { formatList } from './format.ts'

/** A command's modules are loaded only when it is used, or for the list of all: the start of the service would take longer. */
const commands: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['serve', async () => (await import('./serve.ts')).serveCommand()],
  ['simulate', async () => (await import('./simulate.ts')).simulateCommand()],
  ['demo', async () => (await import('./demo.ts')).demoCommand()],
  ['rules', async () => (await import('./rules.ts')).rulesCommand()],
])

/** Exit codes: 0 success, 1 failure, 2 invalid usage or configuration. */
export async function run(argv: readonly string[]): Promise<void> {
  const program = new Command('genesys-enricher')
    .description('Sets participant attributes on live Genesys Cloud conversations.')
    .version(version)
    .showHelpAfterError('(run genesys-enricher --help for a list of commands)')
  const named = commands.get(argv[2] ?? '')
  for (const load of named === undefined ? commands.values() : [named]) {
    const command = await load()
    program.addCommand(command.copyInheritedSettings(program))
  }
  throwInsteadOfExit(program)
  try {
    await program.parseAsync(argv)
  } catch (error) {
    process.exitCode = printError(error)
  }
}

function throwInsteadOfExit(command: Command): void {
  command.exitOverride()
  for (const child of command.commands) throwInsteadOfExit(child)
}

function printError(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2 // commander has already printed the message
  if (error instanceof ConfigurationError) {
    process.stderr.write(formatList(error.message, error.problems))
    return 2
  }
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (error instanceof InboxOpenError) process.stderr.write(`${error.message}\n`)
  else if (code === 'EADDRINUSE' || code === 'EACCES') {
    process.stderr.write(
      `Cannot listen: ${error instanceof Error ? error.message : ''}; set another PORT or HOST\n`,
    )
  } else
    process.stderr.write(
      `Unexpected error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    )
  return 1
}
