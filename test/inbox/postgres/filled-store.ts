import type { Owner } from '../../helpers/folder.ts'
import { type PostgresServer, schemaOf } from '../../helpers/postgres.ts'
import { open } from './harness.ts'

export const startedAt = 1_700_000_000_000

/**
 * Events, their participants and known values, as they look under load: most are settled, some are pending or dead. Every fourth
 * event has the same conversation.
 */
const insertEvents = (rows: number, states: string) => `
  INSERT INTO inbox_events (client, sequence, identity, conversation_id, participant_id, priority, accepted_at, state,
    settled_at, code, patch, event)
  SELECT 'demo', n, 'id-' || n, 'c' || n / 4, 'p' || n % 2, 1, ${startedAt} + n, s.state,
    CASE WHEN s.state <> 'pending' THEN ${startedAt} + n END, CASE WHEN s.state = 'dead' THEN 'rejected' END,
    CASE WHEN s.state = 'applied' THEN n END,
    json_build_object('identity', 'id-' || n, 'conversationId', 'c' || n / 4, 'participantId', 'p' || n % 2, 'body',
      repeat('x', 500))::text
  FROM generate_series(1, ${rows}) n,
    LATERAL (SELECT (ARRAY['pending', 'dead', 'applied', 'unchanged', 'unchanged'])[n % 5 + 1] AS state) s
  WHERE s.state IN (${states});`

const settled = (rows: number) => `
  ${insertEvents(rows, "'applied', 'unchanged'")}
  INSERT INTO inbox_known_values
  SELECT 'demo', 'c' || n, 'p1', '"tier"', '"gold"', 1, n, ${startedAt} + n FROM generate_series(1, ${rows}) n;
  SELECT setval('inbox_sequence', ${rows + 1});`

const unsettled = (rows: number) => `
  ${insertEvents(rows, "'pending', 'dead'")}
  INSERT INTO inbox_participants (client, conversation_id, participant_id, priority, first_sequence, due_at, failure_code)
  SELECT 'demo', conversation_id, participant_id, 1, min(sequence), CASE WHEN min(sequence) % 400 = 0 THEN ${startedAt} END,
    CASE WHEN min(sequence) % 400 = 0 THEN 'unavailable' END
  FROM inbox_events WHERE state = 'pending' GROUP BY conversation_id, participant_id;`

/**
 * Creates a store with that many events. `statistics`: `current`, or from the moment before the first event was pending or dead, as
 * after a quiet night. Returns its URL and its schema.
 */
export async function createFilledStore(
  t: Owner,
  server: PostgresServer,
  { rows, statistics }: { rows: number; statistics: 'current' | 'old' },
): Promise<{ url: string; schema: string }> {
  const url = await server.createStore()
  const schema = schemaOf(url)
  const { inbox } = await open(t, url)
  await inbox.close()
  // The server counts what a connection reads when it ends.
  async function run(sql: string): Promise<void> {
    const connection = server.connectAs('inbox')
    await connection.connect()
    await connection.query(`SET search_path = ${schema}; ${sql}`)
    await connection.end()
  }
  await run(settled(rows))
  if (statistics === 'old') await run('ANALYZE')
  await run(unsettled(rows))
  if (statistics === 'current') await run('ANALYZE')
  return { url, schema }
}
