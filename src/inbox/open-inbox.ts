import { type Inbox, InboxOpenError, type RecordedEvent, type RecordedQuery } from './inbox.ts'

export interface InboxOptions {
  /** `sqlite:PATH`. */
  readonly url: string
  /** Most pending events; the inbox refuses appends that would exceed it. */
  readonly maxPending: number
  /** Epoch ms, for stored times. `monotonic` never jumps and measures waits. */
  readonly now: () => number
  readonly monotonic: () => number
}

interface Engine {
  open(options: InboxOptions & { readonly location: string }): Promise<Inbox>
  readRecorded(location: string, query: RecordedQuery): Promise<Iterable<RecordedEvent>>
}

/** Storage engines by URL scheme, loaded on first use. */
const engines: ReadonlyMap<string, Engine> = new Map([
  [
    'sqlite',
    {
      open: async ({ location, ...options }) => {
        const { openSqliteInbox } = await import('./sqlite/sqlite.ts')
        return openSqliteInbox({ ...options, file: location })
      },
      readRecorded: async (file, query) => {
        const { readRecorded } = await import('./sqlite/recorded.ts')
        return readRecorded(file, query)
      },
    },
  ],
])

/** Opens the inbox for exclusive use by this process. Throws `InboxOpenError`. */
export async function openInbox(options: InboxOptions): Promise<Inbox> {
  const { engine, location } = engineOf(options.url)
  return engine.open({ ...options, location })
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
