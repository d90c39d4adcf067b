import {
  type Inbox,
  InboxOpenError,
  type InboxOptions,
  type RecordedEvent,
  type RecordedQuery,
} from './inbox.ts'

interface Engine {
  open(location: string, options: Omit<InboxOptions, 'url'>): Promise<Inbox>
  readRecorded(location: string, query: RecordedQuery): Promise<Iterable<RecordedEvent>>
}

/** Storage engines by URL scheme, loaded on first use. */
const engines: ReadonlyMap<string, Engine> = new Map([
  [
    'sqlite',
    {
      open: async (file, options) =>
        (await import('./sqlite/sqlite.ts')).openSqliteInbox({ ...options, file }),
      readRecorded: async (file, query) => (await import('./sqlite/recorded.ts')).readRecorded(file, query),
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

function engineOf(url: string): { engine: Engine; location: string } {
  const [, scheme = '', location = ''] = /^([a-z]+):(.+)$/.exec(url) ?? []
  const engine = engines.get(scheme)
  if (engine === undefined) throw new InboxOpenError('The store must be sqlite:PATH')
  return { engine, location }
}
