import { Command } from 'commander'
import { withHelpText } from './help-text.ts'
import { type MigrateOptions, migrate } from './store/migrate.ts'

/** `genesys-enricher store …`: work on the inbox of a stopped service. */
export const storeCommand = (): Command =>
  new Command('store')
    .description('copy the inbox of a stopped service to another store')
    .addCommand(migrateCommand())

const migrateCommand = (): Command =>
  withHelpText(
    new Command('migrate')
      .description(
        'copy an inbox to another store, and compare both sides. Stop the service first. After an interruption, run the same command again: it continues. FROM keeps its events',
      )
      .argument('<from>', 'URL of the inbox to copy: sqlite:PATH or postgres://…')
      .argument('<to>', 'URL of the new inbox, which must be empty')
      .option(
        '--client <id>',
        'the OAuth client whose events are copied (default: GENESYS_CLIENT_ID, else the one that FROM knows)',
      )
      .option('--restart', 'discard an unfinished copy in TO, and begin again')
      .option('--json', 'print one JSON document')
      .action((from: string, to: string, options: MigrateOptions) => migrate(from, to, options)),
    {
      examples: [
        'store migrate sqlite:data/inbox.db postgres://enricher:PASSWORD@db.internal/enricher',
        'store migrate postgres://enricher:PASSWORD@db.internal/enricher sqlite:data/inbox.db',
      ],
      page: 'migrate.md',
    },
  )
