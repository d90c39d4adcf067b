import { randomUUID } from 'node:crypto'
import { notEmpty } from '../../transfer/refusals.ts'
import type { Settings, TransferTarget } from '../../transfer/stores.ts'
import { checkEncoding } from '../check-database.ts'
import { configurationError } from '../configuration-error.ts'
import type { Query } from '../connections.ts'
import { migrate } from '../migrations.ts'
import { createPause } from '../pause.ts'
import { connect, nameOf, takeOwnership, timeoutMs } from './connect.ts'
import { createReader } from './reader.ts'
import { createState } from './state.ts'
import { createWriters } from './writer.ts'

const tables = ['inbox_events', 'inbox_participants', 'inbox_known_values', 'inbox_pauses', 'inbox_counters']
/** Rows per transaction of a deletion. */
const rowsPerStep = 20_000
/** More sequences than the processes of other clients take between two statements. */
const sequenceMargin = 100_000

/**
 * Opens the inbox of a client for a copy of another inbox, so that no service delivers from it. Creates its tables. Throws
 * `InboxOpenError`, also if the client has events of its own there.
 */
export async function openTarget(text: string, client: string | undefined): Promise<TransferTarget> {
  const { connections, location } = connect(text)
  const { query } = connections
  try {
    if (client === undefined)
      throw configurationError(
        'The OAuth client of the events is not known: name it with --client, or set GENESYS_CLIENT_ID',
      )
    await checkEncoding(connections, location)
    await migrate(connections, location.shown)
    const ownership = await takeOwnership(query, client, location.shown)
    const state = createState(client, randomUUID())
    if ((await state.get(query)) === undefined && (await hasRows(query, client))) {
      await ownership.close()
      throw notEmpty(location.shown)
    }
    return {
      name: await nameOf(query, client, location),
      ...createReader({ connections, client, timeoutMs }),
      writers: createWriters({
        connections,
        client,
        timeoutMs,
        requireOwnership: ownership.require,
        setState: state.set,
      }),
      state: () => state.get(query),
      setState: (next) => state.begin(query, next),
      clear: async () => {
        for (const table of tables) await deleteRows(query, client, table)
      },
      finish: async (settings) => {
        ownership.require()
        await query('ANALYZE inbox_events, inbox_participants, inbox_known_values') // for the first statements of the service
        return connections.transaction(async (inTransaction) => {
          await finish(inTransaction, client, settings)
          await state.remove(inTransaction)
        }, timeoutMs)
      },
      close: async () => {
        await ownership.close().catch(() => {}) // it ends by itself
        await connections.close()
      },
    }
  } catch (error) {
    await connections.close()
    throw error
  }
}

async function hasRows(query: Query, client: string): Promise<boolean> {
  const [row] = await query<{ found: boolean }>(
    `SELECT EXISTS (SELECT FROM inbox_events WHERE client = $1) OR EXISTS (SELECT FROM inbox_known_values WHERE client = $1) AS found`,
    [client],
  )
  return row?.found === true
}

async function deleteRows(query: Query, client: string, table: string): Promise<void> {
  for (let deleted = rowsPerStep; deleted === rowsPerStep; ) {
    const [row] = await query<{ rows: number }>(
      `WITH deleted AS (
         DELETE FROM ${table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${table} WHERE client = $1 LIMIT ${rowsPerStep})) RETURNING 1
       ) SELECT count(*) AS rows FROM deleted`,
      [client],
    )
    deleted = row?.rows ?? 0
  }
}

/** The commit flushes the earlier ones too, which were not flushed. */
async function finish(query: Query, client: string, { pause, lastSequence }: Settings): Promise<void> {
  const [setting] = await query<{ value: string }>("SELECT current_setting('synchronous_commit') AS value")
  if (setting?.value === 'off') await query('SET LOCAL synchronous_commit = on')
  await createPause({ query, client }).set(pause)
  await query('DELETE FROM inbox_counters WHERE client = $1', [client])
  await query(
    `INSERT INTO inbox_counters SELECT $1, 0, count(*) FILTER (WHERE state = 'pending'),
       count(replayed_at) FILTER (WHERE state = 'pending'), count(*) FILTER (WHERE state = 'dead')
     FROM inbox_events WHERE client = $1`,
    [client],
  )
  await query(
    "SELECT setval('inbox_sequence', $2::bigint) FROM inbox_sequence WHERE last_value < $1::bigint",
    [lastSequence, lastSequence + sequenceMargin],
  )
}
