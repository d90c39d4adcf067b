import { loadEnvFile, readPaths } from '../../config/config.ts'
import { ConfigurationError, errorCatalogue } from '../../errors.ts'
import { InboxOpenError } from '../../inbox/inbox.ts'
import { isStoreFailure } from '../../inbox/store-failure.ts'
import { type TransferResult, transferInbox } from '../../inbox/transfer/transfer.ts'
import { CommandFailure } from '../command-failure.ts'
import { count, formatDocument, grouped } from '../format.ts'
import { print } from '../output.ts'
import { type Progress, progressOf } from '../progress.ts'

export interface MigrateOptions {
  readonly client?: string
  readonly restart?: true
  readonly json?: true
}

/** Copies an inbox. Throws `ConfigurationError` or `CommandFailure`. */
export async function migrate(
  from: string,
  to: string,
  { client, restart, json }: MigrateOptions,
): Promise<void> {
  requireStores(from, to)
  loadEnvFile()
  const progress: Readonly<Record<'copied' | 'compared', Progress>> = {
    copied: progressOf('rows copied', { json }),
    compared: progressOf('rows compared', { json }),
  }
  const clear = () => {
    for (const one of Object.values(progress)) one.clear()
  }
  const result = await transferInbox({
    from,
    to,
    client: client ?? readPaths().client,
    restart: restart === true,
    onProgress: (step, done, total) => {
      if (step === 'compared') progress.copied.clear()
      progress[step].update(done, total)
    },
  })
    .catch((error: unknown) => {
      throw failureOf(error)
    })
    .finally(clear)
  if (result.differences.length > 0) throw differs(result)
  print(json ? formatDocument(documentOf(result)) : formatResult(result))
}

const storeUrl = /^(sqlite:.|postgres(ql)?:\/\/)/

function requireStores(from: string, to: string): void {
  const problems = [
    ...[
      ['FROM', from],
      ['TO', to],
    ]
      .filter(([, url]) => !storeUrl.test(url ?? ''))
      .map(([name]) => `${name} must be sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE`),
    ...(from === to ? ['FROM and TO must be different inboxes'] : []),
  ]
  if (problems.length > 0) throw new ConfigurationError('Nothing is copied', problems)
}

function failureOf(error: unknown): unknown {
  if (!isStoreFailure(error) || !(error instanceof Error)) return error
  if (error instanceof InboxOpenError && error.isConfiguration) return error
  return new CommandFailure({
    code: 'store_unavailable',
    message: error.message,
    remedy:
      'FROM keeps its events. When the cause is gone, run the same command again: it continues an interrupted copy.',
  })
}

const differs = ({ source, target, differences }: TransferResult): CommandFailure =>
  new CommandFailure({
    code: 'copy_differs',
    message: `${target} differs from ${source}`,
    list: differences,
    remedy: errorCatalogue.copy_differs.remedy,
    fields: { differences },
  })

const documentOf = ({ source, target, client, counts, resumedAt }: TransferResult) => ({
  from: source,
  to: target,
  client: client ?? null,
  copied: counts,
  resumedAt,
})

function formatResult({ source, target, counts, resumedAt }: TransferResult): string {
  const { events, participants, knownValues } = counts
  const earlier =
    resumedAt === 0 ? '' : `  An earlier run had copied ${count(resumedAt, 'row')}; this one continued.\n`
  return [
    `Copied ${source}\n    to ${target}\n`,
    `  ${count(events, 'event')}, ${count(participants, 'participant')} with pending events, ${grouped(knownValues)} known values.\n`,
    earlier,
    '  Counts and checksums of both sides are equal.\n',
    'Next: set STORE_URL to the URL of the copy, and start the service.\n',
  ].join('')
}
