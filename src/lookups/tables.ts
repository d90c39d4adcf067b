import type { FindRow, KnownTables } from '../cel/functions/lookup.ts'
import type { FailureCause } from './lookup-call.ts'
import type { Row, Table } from './table.ts'

/** What memory holds about a key: its row, that there is none, or a recent failure. `unknown`: the key must be fetched. */
export type PeekResult =
  | { readonly kind: 'row'; readonly row: Row }
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly cause: FailureCause }
  | { readonly kind: 'unknown' }

/** The source of the rows of one lookup. */
export interface TableSource {
  readonly columns: Table['columns']
  /** Number of rows; undefined: rows are fetched by key. */
  readonly rowCount?: number
  /** If a call fails: `skip` reads as a missing row, `retry` keeps the event pending until the lookup works. */
  readonly onError: 'skip' | 'retry'
  peek(key: string): PeekResult
  /** Afterwards `peek` returns the row or the failure. Never rejects. */
  fetch(key: string): Promise<void>
  /** Aborts the calls in progress; their keys count as failed. */
  close(): void
}

/** A row to fetch before an expression can be evaluated. */
export interface LookupNeed {
  readonly kind: 'lookup'
  readonly table: string
  readonly key: string
}

/** The lookups of one rules file. */
export interface Tables {
  readonly known: KnownTables
  /** A session can be used for many rules: call `reset` before each. */
  session(): LookupSession
  fetch(needs: readonly LookupNeed[]): Promise<void>
  close(): void
}

/** Answers the lookups while one rule is evaluated, and collects the rows to fetch. */
export interface LookupSession {
  readonly lookup: FindRow
  /** Clears `needs` and `failed`. */
  reset(): void
  readonly needs: readonly LookupNeed[]
  /** Whether a lookup with `onError: retry` failed. */
  failed(): boolean
}

/** Most rows that one evaluation of a rule requests, so that a rule that loops over data does not flood an API. The next evaluation requests more. */
const maxFetches = 20

export function createTables(sources: ReadonlyMap<string, TableSource>): Tables {
  return {
    known: sources,
    session: () => {
      let needs: LookupNeed[] = []
      let failed = false
      return {
        lookup: (table, key) => {
          const source = sources.get(table)
          const peeked = source?.peek(key)
          if (peeked?.kind === 'row') return peeked.row
          if (peeked?.kind === 'failed') failed ||= source?.onError === 'retry'
          else if (peeked?.kind === 'unknown' && needs.length < maxFetches)
            needs.push({ kind: 'lookup', table, key })
          return undefined
        },
        reset: () => {
          needs = []
          failed = false
        },
        get needs() {
          return needs
        },
        failed: () => failed,
      }
    },
    fetch: async (needs) => {
      await Promise.all(needs.map(({ table, key }) => sources.get(table)?.fetch(key)))
    },
    close: () => {
      for (const source of sources.values()) source.close()
    },
  }
}

/** A source that holds all its rows in memory, such as a file table. */
export const inMemorySource = (table: Table): TableSource => ({
  columns: table.columns,
  rowCount: table.size,
  onError: 'skip',
  peek: (key) => {
    const row = table.get(key)
    return row === undefined ? { kind: 'none' } : { kind: 'row', row }
  },
  fetch: async () => {},
  close: () => {},
})
