import type { Query } from './connections.ts'

interface PruneDeps {
  readonly query: Query
  readonly client: string
  /** The counters of this process. */
  readonly slot: number
}

interface Row {
  readonly events: number
  readonly known_values: number
  readonly events_from: number
  readonly values_from: number
}

const sql = 'SELECT * FROM inbox_prune_2($1, $2, $3, $4, $5, $6)'

/**
 * Deletes settled events and known values from before a time, at most `limit` of each in one step. Returns the number of rows.
 *
 * A step starts where the one before ended. The index entries of deleted rows stay until a vacuum, which cannot remove them while an
 * old transaction is open; each step would read those of all steps before.
 */
export function createPrune({ query, client, slot }: PruneDeps) {
  let eventsFrom = 0
  let valuesFrom = 0
  return async (before: number, limit: number): Promise<number> => {
    const [row] = await query<Row & Record<string, unknown>>(sql, [
      client,
      slot,
      before,
      limit,
      eventsFrom,
      valuesFrom,
    ])
    if (row === undefined) throw new Error('inbox_prune_2 returned no row')
    // The last step starts from the beginning again: the clock may have been set back, or another process may have failed.
    eventsFrom = row.events < limit ? 0 : row.events_from
    valuesFrom = row.known_values < limit ? 0 : row.values_from
    return row.events + row.known_values
  }
}
