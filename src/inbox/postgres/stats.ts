import type { InboxStats } from '../inbox.ts'
import type { Query } from './connections.ts'

/** More than the clocks of nodes differ: each node stores times of its own clock. */
const clockDifferenceMs = 600_000

const oldest = (condition: string, from: '$2' | '$3') => `(
  SELECT coalesce(replayed_at, accepted_at) AS at FROM inbox_events
  WHERE client = $1 AND settled_at IS NULL AND coalesce(replayed_at, accepted_at) >= ${from}::bigint AND replayed_at ${condition}
  ORDER BY at LIMIT 1)`

/**
 * Counts the events of a client. The index of pending events has live and replayed ones in one order. So each search for the oldest
 * starts near what the last one found: otherwise it would read all events of the other kind that are older, every time.
 */
export function createStats({ query, client }: { readonly query: Query; readonly client: string }) {
  let liveFrom = 0
  let replayedFrom = 0
  return async (): Promise<Omit<InboxStats, 'inFlight'>> => {
    const [row] = await query<{
      pending: number | null
      replayed: number | null
      dead: number | null
      live_at: number | null
      replayed_at: number | null
    }>(
      `SELECT pending, replayed, dead,
         CASE WHEN pending > replayed THEN ${oldest('IS NULL', '$2')} END AS live_at,
         CASE WHEN replayed > 0 THEN ${oldest('IS NOT NULL', '$3')} END AS replayed_at
       FROM (SELECT sum(pending)::bigint AS pending, sum(replayed)::bigint AS replayed, sum(dead)::bigint AS dead
         FROM inbox_counters WHERE client = $1) counts`,
      [client, liveFrom, replayedFrom],
    )
    liveFrom = Math.max(0, (row?.live_at ?? 0) - clockDifferenceMs)
    if (row?.replayed !== 0) replayedFrom = Math.max(0, (row?.replayed_at ?? 0) - clockDifferenceMs)
    return {
      pending: row?.pending ?? 0,
      replayed: row?.replayed ?? 0,
      dead: row?.dead ?? 0,
      oldestAcceptedAt: row?.live_at ?? undefined,
      oldestReplayedAt: row?.replayed_at ?? undefined,
    }
  }
}
