import type { Command } from 'commander'

interface HelpText {
  /** Complete commands. */
  readonly examples: readonly string[]
  /** The page about the command, in `docs/operations/`. */
  readonly page: string
}

/** Adds examples, exit codes and the page to the help of a command. */
export const withHelpText = (command: Command, { examples, page }: HelpText): Command =>
  command.addHelpText(
    'after',
    [
      '',
      'Examples:',
      ...examples.map((example) => `  genesys-enricher ${example}`),
      '',
      'Exit codes: 0 done, 1 the work failed, 2 wrong usage or configuration.',
      `More: docs/operations/${page}`,
    ].join('\n'),
  )
