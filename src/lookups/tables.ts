import type { FindRow, KnownTables } from '../cel/functions/lookup.ts'
import type { Known } from './http-table.ts'
import type { Row } from './table.ts'

/** Where the rows of one lookup come from. */
export interface TableSource {
  /** undefined: not known beforehand. */
  readonly columns: readonly string[] | undefined
  /** undefined: it is asked key by key. */
  readonly rows?: number
  /** What becomes of an event whose lookup fails. */
  readonly onError: 'skip' | 'retry'
  peek(key: string): Known
  /** Afterwards `peek` knows. Never rejects. */
  fetch(key: string): Promise<void>
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
  /** For one evaluation after the other. */
  session(): LookupSession
  fetch(needs: readonly LookupNeed[]): Promise<void>
  close(): void
}

/** Answers lookups, and notes what it could not answer. */
export interface LookupSession {
  readonly lookup: FindRow
  /** Begins anew. */
  reset(): void
  readonly needs: readonly LookupNeed[]
  /** Whether a lookup failed that is to be tried again. */
  failed(): boolean
}

/** More keys than that are not fetched for one event: a rule that loops over its data must not flood a service. */
const maxNeeds = 20

export function createTables(sources: ReadonlyMap<string, TableSource>): Tables {
  return {
    known: sources,
    session: () => {
      let needs: LookupNeed[] = []
      let failed = false
      return {
        lookup: (table, key) => {
          const source = sources.get(table)
          const known = source?.peek(key)
          if (known?.kind === 'row') return known.row
          if (known?.kind === 'failed') failed ||= source?.onError === 'retry'
          else if (known?.kind === 'unknown' && needs.length < maxNeeds)
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

export const noTables: Tables = createTables(new Map())

/** Rows that are all there: a table in memory, or the answers a test gives. */
export const sourceOf = (table: {
  readonly columns: readonly string[] | undefined
  readonly size: number
  get(key: string): Row | undefined
}): TableSource => ({
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
