import type { Inbox } from '../../../src/inbox/inbox.ts'
import { type Connection, openConnection } from '../../../src/inbox/postgres/open-connection.ts'
import { newEvent } from '../../helpers/conversation-events.ts'
import type { Owner } from '../../helpers/folder.ts'
import type { PostgresServer } from '../../helpers/postgres.ts'
import { startedAt } from './filled-store.ts'
import { open } from './harness.ts'

interface Call {
  readonly run: (inbox: Inbox) => Promise<unknown>
  /** The indexes of large tables that it reads, without the prefix `inbox_`. */
  readonly indexes: readonly string[]
  /** Most entries of one index, if more than a few hundred: some calls search a fixed number of rows. */
  readonly most?: number
}

const before = startedAt + 3_000

async function settleSome(inbox: Inbox, retryAt?: number): Promise<void> {
  const claims = await inbox.claim({ limit: 20, leaseMs: 60_000 })
  await Promise.all(
    claims.map((claim) =>
      inbox.settle(claim, {
        outcomes:
          retryAt === undefined
            ? claim.events.map(({ sequence }) => ({ sequence, state: 'unchanged', reason: 'known_values' }))
            : [],
        attempted: claim.events.map(({ sequence }) => sequence),
        known: new Map([['tier', { value: 'silver', decidedAt: 2, sequence: 1, knownAt: startedAt }]]),
        ...(retryAt !== undefined && {
          retry: { dueAt: retryAt, failure: { code: 'unavailable', attempts: 1 } },
        }),
      }),
    ),
  )
}

const claimed = [
  'participants_claimable',
  'participants_deferred',
  'participants_oldest',
  'participants_pkey',
  'events_pending',
  'events_pkey',
  'known_values_pkey',
]

/** Each call of the engine, with the indexes that its statements need. */
export const calls: Readonly<Record<string, Call>> = {
  'append of a new event, a duplicate and a dead letter': {
    run: (inbox) =>
      inbox.append([newEvent('new', { participantId: 'p9' }), newEvent('id-7'), newEvent('id-6')]),
    indexes: ['events_client_identity_key', 'participants_pkey'],
  },
  noteEnded: { run: (inbox) => inbox.noteEnded(['c100', 'c101']), indexes: ['participants_pkey'] },
  'claim and settle': { run: (inbox) => settleSome(inbox), indexes: claimed },
  'claim and retry': { run: (inbox) => settleSome(inbox, Date.now() + 1_000), indexes: claimed },
  borrow: {
    run: (inbox) => inbox.borrow({ key: { conversationId: 'c9', participantId: 'p1' }, leaseMs: 60_000 }),
    indexes: ['known_values_pkey'],
  },
  nextDueAt: { run: (inbox) => inbox.nextDueAt(), indexes: ['participants_deferred'] },
  stats: { run: (inbox) => inbox.stats(), indexes: ['events_waiting'] },
  events: {
    run: (inbox) => inbox.events({ limit: 50 }),
    indexes: ['events_of_patch', 'events_pkey', 'participants_pkey'],
    most: 11_000,
  },
  'dead events': { run: (inbox) => inbox.events({ limit: 50, state: 'dead' }), indexes: ['events_dead'] },
  'pending events': {
    run: (inbox) => inbox.events({ limit: 50, state: 'pending' }),
    indexes: ['events_pkey', 'participants_pkey'],
    most: 21_000,
  },
  'pending events of a conversation': {
    run: (inbox) => inbox.events({ limit: 50, state: 'pending', conversationId: 'c500' }),
    indexes: ['events_of_conversation', 'participants_pkey'],
  },
  event: {
    run: (inbox) => inbox.event('id-2'),
    indexes: ['events_client_identity_key', 'events_of_patch', 'known_values_pkey'],
  },
  deadLetters: {
    run: (inbox) => inbox.deadLetters({ limit: 50, code: 'rejected', since: startedAt }),
    indexes: ['events_dead', 'events_pkey'],
    most: 2_100,
  },
  expire: {
    run: (inbox) => inbox.expire({ acceptedBefore: before, limit: 100 }),
    indexes: ['events_pending', 'events_pkey', 'events_waiting', 'participants_pkey'],
  },
  'replay by identity': {
    run: (inbox) => inbox.replay({ identities: ['id-11', 'id-16'] }),
    indexes: ['events_client_identity_key', 'events_pkey', 'participants_pkey'],
  },
  'drop by identity': {
    run: (inbox) => inbox.drop({ identities: ['id-21'] }),
    indexes: ['events_client_identity_key', 'events_pkey'],
  },
  prune: {
    run: (inbox) => inbox.prune({ before, limit: 100 }),
    indexes: ['events_settled', 'known_values_age'],
  },
}

export interface Reads {
  /** Rows read by sequential scans of large tables. */
  readonly sequential: number
  /** By index of a large table, without the prefix `inbox_`: entries read. */
  readonly entries: ReadonlyMap<string, number>
}

const sql = `
  SELECT relname AS name, seq_tup_read AS read, true AS is_table FROM pg_stat_user_tables
  WHERE schemaname = $1 AND relname IN ('inbox_events', 'inbox_participants', 'inbox_known_values')
  UNION ALL
  SELECT indexrelname, idx_tup_read, false FROM pg_stat_user_indexes
  WHERE schemaname = $1 AND relname IN ('inbox_events', 'inbox_participants', 'inbox_known_values')`

/** An inbox on the store, and what a call of it reads, as the server counts it. */
export async function createReader(
  t: Owner,
  server: PostgresServer,
  { url, schema }: { url: string; schema: string },
): Promise<{ readsOf(run: (inbox: Inbox) => Promise<unknown>): Promise<Reads> }> {
  const connections: Connection[] = []
  const { inbox } = await open(t, url, {
    openConnection: async (...args) => {
      const connection = await openConnection(...args)
      connections.push(connection)
      return connection
    },
  })
  async function counted() {
    // Otherwise a connection counts what it read within a second, or at its end.
    for (const { client } of connections) await client.query('SELECT pg_stat_force_next_flush()')
    return await server.admin<{ name: string; read: string; is_table: boolean }>(sql, [schema])
  }
  let rows = await counted()
  return {
    readsOf: async (run) => {
      const earlier = new Map(rows.map(({ name, read }) => [name, Number(read)]))
      await run(inbox)
      rows = await counted()
      const entries = new Map<string, number>()
      let sequential = 0
      for (const { name, read, is_table: isTable } of rows) {
        const more = Number(read) - (earlier.get(name) ?? 0)
        if (isTable) sequential += more
        else if (more > 0) entries.set(name.replace(/^inbox_/, ''), more)
      }
      return { sequential, entries }
    },
  }
}
