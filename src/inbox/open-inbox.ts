import {
  type Inbox,
  type InboxInspection,
  InboxOpenError,
  type InboxOptions,
  type RecordedEvent,
  type RecordedQuery,
} from './inbox.ts'

interface Engine {
  open(location: string, options: Omit<InboxOptions, 'url'>): Promise<Inbox>
  readRecorded(location: string, query: RecordedQuery): Promise<Iterable<RecordedEvent>>
  countRecorded(location: string, query: RecordedQuery): Promise<number>
  inspect(location: string): Promise<InboxInspection>
  savedCopies(location: string): Promise<readonly string[]>
}

/** Storage engines by URL scheme, loaded on first use. */
const engines: ReadonlyMap<string, Engine> = new Map([
  [
    'sqlite',
    {
      open: async (file, options) =>
        (await import('./sqlite/sqlite.ts')).openSqliteInbox({ ...options, file }),
      readRecorded: async (file, query) => (await import('./sqlite/recorded.ts')).readRecorded(file, query),
      countRecorded: async (file, query) => (await import('./sqlite/recorded.ts')).countRecorded(file, query),
      inspect: async (file) => (await import('./sqlite/inspect.ts')).inspectSqliteInbox(file),
      savedCopies: async (file) => (await import('./sqlite/saved-copies.ts')).findSavedCopies(file),
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
): Promise<Iterable<RecordedEvent>> {
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

function engineOf(url: string): { engine: Engine; location: string } {
  const [, scheme = '', location = ''] = /^([a-z]+):(.+)$/.exec(url) ?? []
  const engine = engines.get(scheme)
  if (engine === undefined) throw new InboxOpenError('The store must be sqlite:PATH')
  return { engine, location }
}
