import type { FindRow, KnownTables } from '../cel/functions/lookup.ts'
import type { FailureCause } from './lookup-call.ts'
import type { Row, Table } from './table.ts'

/** The row of a key, as far as it is in memory; `unknown` if the key must be fetched. */
export type PeekResult =
  | { readonly kind: 'row'; readonly row: Row }
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly cause: FailureCause }
  | { readonly kind: 'unknown' }

/** The source of the rows of one lookup. */
export interface TableSource {
  readonly columns: Table['columns']
  /** Number of rows; undefined: rows are fetched by key. */
  readonly rows?: number
  /** The effect of a failed lookup on the event. */
  readonly onError: 'skip' | 'retry'
  peek(key: string): PeekResult
  /** Afterwards `peek` returns the row or the failure. Never rejects. */
  fetch(key: string): Promise<void>
  /** Calls under way fail. */
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
  /** Reusable: `reset` before each evaluation. */
  session(): LookupSession
  fetch(needs: readonly LookupNeed[]): Promise<void>
  close(): void
}

/** Answers the lookups of an evaluation, and records the rows to fetch. */
export interface LookupSession {
  readonly lookup: FindRow
  /** Clears `needs` and `failed`. */
  reset(): void
  readonly needs: readonly LookupNeed[]
  /** Whether a lookup with `onError: retry` failed. */
  failed(): boolean
}

/** Keys fetched for one evaluation: a rule that loops over data must not flood an API. */
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
          const cached = source?.peek(key)
          if (cached?.kind === 'row') return cached.row
          if (cached?.kind === 'failed') failed ||= source?.onError === 'retry'
          else if (cached?.kind === 'unknown' && needs.length < maxFetches)
            needs.push({ kind: 'lookup', table, key })
          return undefined
        },
        reset: () => {
          if (needs.length > 0) needs = []
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

/** A source with all rows in memory: a table, or the rows of a test. */
export const sourceOf = (table: Table): TableSource => ({
  columns: table.columns,
  rows: table.size,
  onError: 'skip',
  peek: (key) => {
    const row = table.get(key)
    return row === undefined ? { kind: 'none' } : { kind: 'row', row }
  },
  fetch: async () => {},
  close: () => {},
})
