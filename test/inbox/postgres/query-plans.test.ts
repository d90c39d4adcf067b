import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import type { Claim, Inbox } from '../../../src/inbox/inbox.ts'
import { newEvent } from '../../helpers/conversation-events.ts'
import { skipWithoutPostgres, startPostgres } from '../../helpers/postgres.ts'
import { until } from '../../helpers/wait.ts'
import { open } from './harness.ts'

const rows = 30_000
const startedAt = 1_700_000_000_000

/** Events, their participants and known values, as they look under load: most are settled, some are pending or dead. */
const fill = `
  INSERT INTO inbox_events (client, sequence, identity, conversation_id, participant_id, priority, accepted_at, state,
    settled_at, code, patch, event)
  SELECT 'demo', n, 'id-' || n, 'c' || n / 4, 'p' || n % 2, 1, ${startedAt} + n, s.state,
    CASE WHEN s.state <> 'pending' THEN ${startedAt} + n END, CASE WHEN s.state = 'dead' THEN 'rejected' END,
    CASE WHEN s.state = 'applied' THEN n END,
    json_build_object('identity', 'id-' || n, 'conversationId', 'c' || n / 4, 'participantId', 'p' || n % 2, 'body',
      repeat('x', 500))::text
  FROM generate_series(1, ${rows}) n,
    LATERAL (SELECT (ARRAY['pending', 'dead', 'applied', 'unchanged', 'unchanged'])[n % 5 + 1] AS state) s;
  INSERT INTO inbox_participants (client, conversation_id, participant_id, priority, first_sequence, due_at, failure_code)
  SELECT 'demo', conversation_id, participant_id, 1, min(sequence), CASE WHEN min(sequence) % 400 = 0 THEN ${startedAt} END,
    CASE WHEN min(sequence) % 400 = 0 THEN 'unavailable' END
  FROM inbox_events WHERE state = 'pending' GROUP BY conversation_id, participant_id;
  INSERT INTO inbox_known_values
  SELECT 'demo', 'c' || n, 'p1', '"tier"', '"gold"', 1, n, ${startedAt} + n FROM generate_series(1, ${rows}) n;
  SELECT setval('inbox_sequence', ${rows + 1});
  ANALYZE;`

const settle = (inbox: Inbox, claim: Claim, retryAt?: number) =>
  inbox.settle(claim, {
    outcomes:
      retryAt === undefined
        ? claim.events.map(({ sequence }) => ({
            sequence,
            state: 'dead' as const,
            code: 'rejected' as const,
          }))
        : [],
    attempted: claim.events.map(({ sequence }) => sequence),
    known: new Map([['tier', { value: 'silver', decidedAt: 2, sequence: 1, knownAt: startedAt }]]),
    ...(retryAt !== undefined && {
      retry: { dueAt: retryAt, failure: { code: 'unavailable', attempts: 1 } },
    }),
  })

async function callEverything(inbox: Inbox): Promise<void> {
  const before = startedAt + 3_000
  for (let n = 0; n < 50; n += 1)
    await inbox.append([newEvent(`new-${n}`, { participantId: `p${n}` }), newEvent('id-7')])
  await inbox.noteEnded(['c100', 'c101'])
  for (let n = 0; n < 40; n += 1) {
    const claims = await inbox.claim({ limit: 20, leaseMs: 60_000 })
    await Promise.all(claims.map((claim) => settle(inbox, claim, n < 3 ? Date.now() + 1_000 : undefined)))
  }
  const borrowed = await inbox.borrow({ key: { conversationId: 'c9', participantId: 'x' }, leaseMs: 60_000 })
  assert.ok(borrowed !== undefined)
  await settle(inbox, borrowed)
  await inbox.nextDueAt()
  for (let n = 0; n < 10; n += 1) await inbox.stats()
  await inbox.events({ limit: 50 })
  await inbox.events({ limit: 50, state: 'dead' })
  await inbox.events({ limit: 50, conversationId: 'c500', participantId: 'p1', state: 'applied' })
  await inbox.event('id-2')
  await inbox.deadLetters({ limit: 50, code: 'rejected', since: startedAt })
  await inbox.expire({ acceptedBefore: before, limit: 100 })
  await inbox.replay({ identities: ['id-1', 'id-6'] })
  await inbox.replay({ code: 'expired' })
  await inbox.drop({ identities: ['id-11'] })
  await inbox.prune({ before, limit: 100 })
}

describe('plans of the PostgreSQL server', { skip: skipWithoutPostgres }, async () => {
  if (skipWithoutPostgres !== false) return
  const server = await startPostgres({ after })

  test('no statement reads a whole table, and every index is used', async (t) => {
    const url = await server.createStore()
    const schema = /search_path=(\w+)/.exec(url)?.[1] ?? ''
    const created = await open(t, url)
    await created.inbox.close()
    await server.admin(`SET search_path = ${schema}; ${fill}`)
    const { inbox } = await open(t, url)
    const idle = async () =>
      (await server.admin("SELECT FROM pg_stat_activity WHERE usename = 'enricher'")).length === 0
    const reads = () =>
      server.admin<{ table: string; rows: string }>(
        `SELECT relname AS table, seq_tup_read AS rows FROM pg_stat_user_tables WHERE schemaname = $1
           AND relname IN ('inbox_events', 'inbox_participants', 'inbox_known_values')`,
        [schema],
      )
    const readBefore = new Map((await reads()).map(({ table, rows: read }) => [table, Number(read)]))
    await callEverything(inbox)
    await inbox.close()
    await until('the server has counted', idle)
    for (const { table, rows: read } of await reads())
      assert.ok(Number(read) - (readBefore.get(table) ?? 0) < rows / 10, `${table}: ${read} rows read`)
    const unused = await server.admin<{ index: string }>(
      'SELECT indexrelname AS index FROM pg_stat_user_indexes WHERE schemaname = $1 AND idx_scan = 0',
      [schema],
    )
    const expected = [
      'inbox_pauses_pkey',
      'inbox_schema_pkey',
      'inbox_write_probes_pkey',
      'inbox_owners_pkey',
    ]
    assert.deepEqual(
      unused.map(({ index }) => index).filter((index) => !expected.includes(index)),
      [],
    )
  })
})
