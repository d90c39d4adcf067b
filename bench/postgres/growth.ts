import { randomUUID } from 'node:crypto'
import type { ConversationEvent } from '../../src/event.ts'
import type { Inbox, NewEvent } from '../../src/inbox/inbox.ts'
import type { Owner } from '../../test/helpers/folder.ts'
import { type PostgresServer, schemaOf } from '../../test/helpers/postgres.ts'
import { open } from '../../test/inbox/postgres/harness.ts'

interface GrowthOptions {
  readonly events: number
  /** Settled events that the retention keeps. */
  readonly retained: number
  readonly onSample: (sample: Sample) => void
}

/** The state of the store after some events. */
export interface Sample {
  readonly events: number
  readonly tableMb: number
  readonly indexMb: number
  readonly deadTuples: number
  readonly autovacuums: number
  /** Since the sample before. */
  readonly walBytesPerEvent: number
  readonly transactionsPerEvent: number
  readonly prunedPerSecond: number
}

const eventsPerAppend = 100
const appendsAtOnce = 10
const samples = 10
const rowsPerPrune = 500

/** About 790 bytes of JSON, in a new conversation. */
function newEvent(): NewEvent {
  const [conversationId, participantId] = [randomUUID(), randomUUID()]
  const body = { conversationId, participantId, sessions: Array.from({ length: 12 }, () => randomUUID()) }
  const event: ConversationEvent = {
    identity: `id:${randomUUID()}`,
    type: 'conversation:created',
    conversationId,
    participantId,
    effectiveTime: Date.now(),
    body,
  } as unknown as ConversationEvent
  return { event, priority: 1 }
}

async function settleAll(inbox: Inbox): Promise<void> {
  for (;;) {
    const claims = await inbox.claim({ limit: 200, leaseMs: 60_000 })
    if (claims.length === 0) return
    const knownAt = Date.now()
    await Promise.all(
      claims.map((claim) =>
        inbox.settle(claim, {
          outcomes: claim.events.map(({ sequence }) => ({
            sequence,
            state: 'applied' as const,
            record: { rules: ['vip'], attributeNames: ['vip_status'], inPatch: true, api: { status: 200 } },
          })),
          attempted: claim.events.map(({ sequence }) => sequence),
          known: new Map([['vip_status', { value: 'true', decidedAt: knownAt, sequence: 1, knownAt }]]),
        }),
      ),
    )
  }
}

/** Stores, settles and prunes events at a steady rate, and samples the size of the store. */
export async function measureGrowth(
  owner: Owner,
  server: PostgresServer,
  { events, retained, onSample }: GrowthOptions,
): Promise<void> {
  const url = await server.createStore()
  const schema = schemaOf(url)
  const { inbox } = await open(owner, url)
  /** When each round of events was settled. */
  const rounds: number[] = []
  const perRound = eventsPerAppend * appendsAtOnce
  let before = await countersOf(server, schema)
  let pruned = 0
  let pruningMs = 0
  for (let done = perRound; done <= events; done += perRound) {
    await Promise.all(
      Array.from({ length: appendsAtOnce }, () =>
        inbox.append(Array.from({ length: eventsPerAppend }, newEvent)),
      ),
    )
    await settleAll(inbox)
    rounds.push(Date.now())
    const limit = rounds[rounds.length - 1 - retained / perRound]
    const startedAt = performance.now()
    if (limit !== undefined)
      for (let rows = rowsPerPrune; rows >= rowsPerPrune; pruned += rows)
        rows = await inbox.prune({ before: limit, limit: rowsPerPrune })
    pruningMs += performance.now() - startedAt
    if (done % (perRound * Math.max(1, Math.round(events / perRound / samples))) === 0) {
      const counters = await countersOf(server, schema)
      const more = done - before.events
      onSample({
        ...counters,
        events: done,
        walBytesPerEvent: (counters.walBytes - before.walBytes) / more,
        transactionsPerEvent: (counters.transactions - before.transactions) / more,
        prunedPerSecond: pruned === 0 ? 0 : (pruned * 1_000) / pruningMs,
      })
      before = { ...counters, events: done }
      pruned = 0
      pruningMs = 0
    }
  }
}

async function countersOf(server: PostgresServer, schema: string) {
  const [row] = await server.admin<Record<string, string>>(
    `SELECT sum(pg_table_size(relid)) / 1e6 AS table_mb, sum(pg_indexes_size(relid)) / 1e6 AS index_mb,
      sum(n_dead_tup) AS dead, sum(autovacuum_count) AS autovacuums,
      pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') AS wal,
      (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()) AS transactions
     FROM pg_stat_user_tables WHERE schemaname = $1`,
    [schema],
  )
  const numberOf = (name: string) => Number(row?.[name])
  return {
    events: 0,
    tableMb: numberOf('table_mb'),
    indexMb: numberOf('index_mb'),
    deadTuples: numberOf('dead'),
    autovacuums: numberOf('autovacuums'),
    walBytes: numberOf('wal'),
    transactions: numberOf('transactions'),
  }
}

/** Bytes per event of each table and index, largest first. */
export async function bytesPerEvent(
  owner: Owner,
  server: PostgresServer,
  events: number,
): Promise<readonly { readonly name: string; readonly pending: number; readonly settled: number }[]> {
  const url = await server.createStore()
  const schema = schemaOf(url)
  const { inbox } = await open(owner, url, { maxPending: 2 * events })
  for (let done = 0; done < events; done += 1_000) await inbox.append(Array.from({ length: 1_000 }, newEvent))
  const pending = await sizesOf(server, schema)
  await settleAll(inbox)
  const settled = await sizesOf(server, schema)
  return [...settled]
    .map(([name, bytes]) => ({ name, pending: (pending.get(name) ?? 0) / events, settled: bytes / events }))
    .filter(({ settled: bytes }) => bytes > 1)
    .sort((one, other) => other.settled - one.settled)
}

async function sizesOf(server: PostgresServer, schema: string): Promise<ReadonlyMap<string, number>> {
  const rows = await server.admin<{ name: string; bytes: string }>(
    `SELECT relname AS name, pg_relation_size(c.oid) AS bytes FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
     WHERE nspname = $1 AND relkind IN ('r', 'i')`,
    [schema],
  )
  return new Map(rows.map(({ name, bytes }) => [name, Number(bytes)]))
}
