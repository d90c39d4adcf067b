import type Database from 'better-sqlite3'

/** When the oldest pending event of a kind was accepted, or replayed. */
interface Oldest {
  /** An event of the kind became pending at that time. */
  added(at: number): void
  find(): number | undefined
}

/**
 * The index of pending events has live and replayed ones in one order. So each search starts where the last one ended: otherwise it
 * would read all events of the other kind that are older, every time.
 */
export function createOldestPending(
  database: Database.Database,
): Readonly<Record<'live' | 'replayed', Oldest>> {
  const createOldest = (condition: string): Oldest => {
    const select = database
      .prepare<[number], number>(`
        SELECT ifnull(replayed_at, accepted_at) FROM events
        WHERE state = 'pending' AND replayed_at ${condition} AND ifnull(replayed_at, accepted_at) >= ?
        ORDER BY ifnull(replayed_at, accepted_at) LIMIT 1`)
      .pluck()
    /** No pending event of the kind is older. */
    let from = 0
    return {
      added: (at) => {
        from = Math.min(from, at)
      },
      find: () => {
        const at = select.get(from)
        from = at ?? Number.MAX_SAFE_INTEGER
        return at
      },
    }
  }
  return { live: createOldest('IS NULL'), replayed: createOldest('IS NOT NULL') }
}
