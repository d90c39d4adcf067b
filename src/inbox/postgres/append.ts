import { afterGathering, type GatherOptions } from '../gathering.ts'
import type { AppendResult, NewEvent } from '../inbox.ts'
import { createBatches } from './batches.ts'
import type { Query } from './connections.ts'

interface AppendDeps extends GatherOptions {
  readonly query: Query
  readonly client: string
  /** The counters of this process. */
  readonly slot: number
  readonly maxPending: number
  /** Epoch ms. */
  readonly now: () => number
  /** The latest acceptance time in the inbox. */
  readonly lastAcceptedAt: number
}

/** A call of `append` or `noteEnded`. */
interface Call {
  readonly events: readonly { readonly given: NewEvent; readonly text: string }[]
  readonly ended: readonly string[]
}

interface Row {
  readonly is_full: boolean
  /** New events of the statement, if it did not fit. */
  readonly fresh: number | null
  readonly pending: number
  /** Positions of the events that were there, from 1. */
  readonly duplicates: readonly number[] | null
  /** Identities of duplicates. */
  readonly dead: readonly string[] | null
}

/** Most bytes of event JSON in one statement, approximately, and the weight of an event without its JSON. */
const maxBatchBytes = 4_000_000
const bytesPerEvent = 500
const maxAheadMs = 5 * 60_000

const sql = `SELECT * FROM inbox_append_2($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

/** Stores events: all calls that wait share one statement, which is one transaction. */
export function createAppend(deps: AppendDeps) {
  const { query, client, slot, maxPending, now } = deps
  let { lastAcceptedAt } = deps

  /** Acceptance times must not fall when the clock is set back. The limit lets them recover after the clock was far ahead. */
  function nextAcceptedAt(): number {
    const at = now()
    lastAcceptedAt = Math.max(Math.min(lastAcceptedAt, at + maxAheadMs), at)
    return lastAcceptedAt
  }

  async function store(calls: readonly Call[]): Promise<{ row: Row; identities: readonly string[] }> {
    const first = new Map<string, Call['events'][number]>()
    for (const event of calls.flatMap(({ events }) => events))
      if (!first.has(event.given.event.identity)) first.set(event.given.event.identity, event)
    const events = [...first.values()]
    const [row] = await query<Row & Record<string, unknown>>(sql, [
      client,
      slot,
      maxPending,
      nextAcceptedAt(),
      [...first.keys()],
      events.map(({ given }) => given.event.conversationId),
      events.map(({ given }) => given.event.participantId ?? ''),
      events.map(({ given }) => given.priority),
      events.map(({ text }) => text),
      [...new Set(calls.flatMap(({ ended }) => ended))],
    ])
    if (row === undefined) throw new Error('inbox_append_2 returned no row')
    return { row, identities: [...first.keys()] }
  }

  async function storeAll(calls: readonly Call[]): Promise<AppendResult[]> {
    const { row, identities } = await store(calls)
    if (!row.is_full) return resultsOf(calls, row, identities)
    if (calls.length === 1) {
      const neverFits = Number(row.fresh) > maxPending
      return [{ kind: 'full', pending: row.pending, ...(neverFits && { neverFits }) }]
    }
    // Not all fit. Each call is decided by itself.
    const results: AppendResult[] = []
    for (const call of calls) results.push(...(await storeAll([call])))
    return results
  }

  const batches = createBatches<Call, AppendResult>({
    work: storeAll,
    maxWeight: maxBatchBytes,
    weightOf: ({ events, ended }) =>
      events.reduce((sum, { text }) => sum + text.length + bytesPerEvent, ended.length * bytesPerEvent),
    gather: (run) => afterGathering(run, deps),
  })

  return {
    append: (events: readonly NewEvent[]): Promise<AppendResult> =>
      batches.run({
        events: events.map((given) => ({ given, text: JSON.stringify(given.event) })),
        ended: [],
      }),
    noteEnded: async (conversationIds: readonly string[]): Promise<void> => {
      if (conversationIds.length > 0) await batches.run({ events: [], ended: conversationIds })
    },
    idle: batches.idle,
  }
}

/** An identity that several calls have is accepted for the first of them. */
function resultsOf(calls: readonly Call[], row: Row, stored: readonly string[]): AppendResult[] {
  const fresh = new Set(stored)
  for (const position of row.duplicates ?? []) fresh.delete(stored[position - 1] ?? '')
  const dead = new Set(row.dead)
  return calls.map(({ events }) => {
    const identities = events.map(({ given }) => given.event.identity)
    const results = identities.map((identity) => (fresh.delete(identity) ? 'accepted' : 'duplicate'))
    const deadLetters = identities.filter((identity) => dead.has(identity))
    return { kind: 'appended', results, ...(deadLetters.length > 0 && { deadLetters }) }
  })
}
