import {
  type Inbox,
  type InboxInspection,
  InboxOpenError,
  type InboxOptions,
  type RecordedEvent,
  type RecordedQuery,
} from './inbox.ts'
import type { TransferSource, TransferTarget } from './transfer/stores.ts'

interface Engine {
  open(location: string, options: Omit<InboxOptions, 'url'>): Promise<Inbox>
  readRecorded(
    location: string,
    query: RecordedQuery,
  ): Promise<Iterable<RecordedEvent> | AsyncIterable<RecordedEvent>>
  countRecorded(location: string, query: RecordedQuery): Promise<number>
  inspect(location: string): Promise<InboxInspection>
  savedCopies(location: string): Promise<readonly string[]>
  openTransferSource(location: string, client: string | undefined): Promise<TransferSource>
  openTransferTarget(location: string, client: string | undefined): Promise<TransferTarget>
}

const postgres: Engine = {
  open: async (location, options) =>
    (await import('./postgres/postgres.ts')).openPostgresInbox({ ...options, location }),
  readRecorded: async (location, query) =>
    (await import('./postgres/recorded.ts')).readRecorded(location, query),
  countRecorded: async (location, query) =>
    (await import('./postgres/recorded.ts')).countRecorded(location, query),
  inspect: async (location) => (await import('./postgres/inspect.ts')).inspectPostgresInbox(location),
  savedCopies: async () => [],
  openTransferSource: async (location, client) =>
    (await import('./postgres/transfer/source.ts')).openSource(location, client),
  openTransferTarget: async (location, client) =>
    (await import('./postgres/transfer/target.ts')).openTarget(location, client),
}

/** Storage engines by URL scheme, loaded on first use. */
const engines: ReadonlyMap<string, Engine> = new Map([
  ['postgres', postgres],
  ['postgresql', postgres],
  [
    'sqlite',
    {
      open: async (file, options) =>
        (await import('./sqlite/sqlite.ts')).openSqliteInbox({ ...options, file }),
      readRecorded: async (file, query) => (await import('./sqlite/recorded.ts')).readRecorded(file, query),
      countRecorded: async (file, query) => (await import('./sqlite/recorded.ts')).countRecorded(file, query),
      inspect: async (file) => (await import('./sqlite/inspect.ts')).inspectSqliteInbox(file),
      savedCopies: async (file) => (await import('./sqlite/saved-copies.ts')).findSavedCopies(file),
      openTransferSource: async (file) => (await import('./sqlite/transfer/source.ts')).openSource(file),
      openTransferTarget: async (file, client) =>
        (await import('./sqlite/transfer/target.ts')).openTarget(file, client),
    },
  ],
])

/** Opens the inbox for exclusive use by this process. Throws `InboxOpenError`. */
export async function openInbox({ url, ...options }: InboxOptions): Promise<Inbox> {
  const { engine, location } = engineOf(url)
  return engine.open(location, options)
}

/**
 * Reads accepted events, newest first. It takes no lock and changes nothing, so a service may use the inbox meanwhile.
 * Throws `InboxOpenError`, also while iterating.
 */
export async function readRecordedEvents(
  url: string,
  query: RecordedQuery,
): Promise<Iterable<RecordedEvent> | AsyncIterable<RecordedEvent>> {
  const { engine, location } = engineOf(url)
  return engine.readRecorded(location, query)
}

/** The number of events that `readRecordedEvents` would read now. Throws `InboxOpenError`. */
export async function countRecordedEvents(url: string, query: RecordedQuery): Promise<number> {
  const { engine, location } = engineOf(url)
  return engine.countRecorded(location, query)
}

/** Looks at the files of an inbox. It changes nothing, so a service may use the inbox meanwhile. Throws `InboxOpenError`. */
export async function inspectInbox(url: string): Promise<InboxInspection> {
  const { engine, location } = engineOf(url)
  return engine.inspect(location)
}

/** Paths of the copies of the inbox that lie beside it: the service saved them when its file was replaced, and does not use them. */
export async function findSavedCopies(url: string): Promise<readonly string[]> {
  const { engine, location } = engineOf(url)
  return engine.savedCopies(location)
}

/**
 * Opens an inbox from which another one is copied; no other process can use it until `close`. `client`: whose events, if the inbox has
 * those of several OAuth clients. Throws `InboxOpenError`.
 */
export async function openTransferSource(url: string, client: string | undefined): Promise<TransferSource> {
  const { engine, location } = engineOf(url)
  return engine.openTransferSource(location, client)
}

/** Opens or creates an inbox into which another one is copied. `client`: whose events they are. Throws `InboxOpenError`. */
export async function openTransferTarget(url: string, client: string | undefined): Promise<TransferTarget> {
  const { engine, location } = engineOf(url)
  return engine.openTransferTarget(location, client)
}

function engineOf(url: string): { engine: Engine; location: string } {
  const [, scheme = '', location = ''] = /^([a-z]+):(.+)$/.exec(url) ?? []
  const engine = engines.get(scheme)
  if (engine === undefined)
    throw new InboxOpenError('The store must be sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE')
  return { engine, location }
}
