import { Command, CommanderError } from 'commander'
import { version } from '../config/version.ts'
import { ConfigurationError } from '../errors.ts'
import { InboxOpenError } from '../inbox/inbox.ts'
import { demoCommand } from './demo.ts'
import { rulesCommand } from './rules.ts'
import { serveCommand } from './serve.ts'
import { simulateCommand } from './simulate.ts'

/** Exit codes: 0 done, 1 the work failed, 2 wrong usage or configuration. */
export async function run(argv: readonly string[]): Promise<void> {
  const program = new Command('genesys-enricher')
    .description('Puts facts on the participants of live Genesys Cloud conversations.')
    .version(version)
    .showHelpAfterError('(genesys-enricher --help lists the commands)')
  for (const command of [serveCommand(), simulateCommand(), demoCommand(), rulesCommand()]) {
    program.addCommand(command.copyInheritedSettings(program))
  }
  throwInsteadOfExit(program)
  try {
    await program.parseAsync(argv)
  } catch (error) {
    process.exitCode = explain(error)
  }
}

function throwInsteadOfExit(command: Command): void {
  command.exitOverride()
  for (const child of command.commands) throwInsteadOfExit(child)
}

function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2 // commander has printed it
  if (error instanceof ConfigurationError) {
    process.stderr.write(`${error.message}\n${error.problems.map((problem) => `  - ${problem}\n`).join('')}`)
    return 2
  }
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (error instanceof InboxOpenError) process.stderr.write(`${error.message}\n`)
  else if (code === 'EADDRINUSE' || code === 'EACCES') {
    process.stderr.write(
      `Cannot listen: ${error instanceof Error ? error.message : ''}; choose another PORT or HOST\n`,
    )
  } else
    process.stderr.write(
      `Unexpected error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    )
  return 1
}
