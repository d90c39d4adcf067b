import { InboxOpenError } from '../inbox.ts'
import type { Connections, Query } from './connections.ts'
import { agingFunctions } from './schema-1-aging.ts'
import { appendFunctions } from './schema-1-append.ts'
import { deliveryFunctions } from './schema-1-delivery.ts'
import { tables } from './schema-1-tables.ts'
import { nodeTables } from './schema-2-nodes.ts'
import { aging2 } from './schema-3-aging.ts'
import { append2 } from './schema-3-append.ts'
import { delivery2 } from './schema-3-delivery.ts'
import { transferTable } from './schema-4-transfers.ts'

interface Migration {
  readonly sql: string
  /** The oldest schema whose nodes still work after this step. */
  readonly usableBy: number
}

/**
 * Schema migrations: migration n raises the schema from n to n + 1. Never edit a released migration; append another one.
 *
 * Old nodes run during an upgrade. So a step only expands: new tables, new columns with a default, new functions under a new name
 * (`inbox_append_2`). A step of a later release contracts: it drops what no supported version uses, and raises `usableBy`.
 */
const migrations: readonly Migration[] = [
  { sql: tables + appendFunctions + deliveryFunctions + agingFunctions, usableBy: 1 },
  { sql: nodeTables, usableBy: 1 },
  { sql: append2 + delivery2 + aging2, usableBy: 1 },
  { sql: transferTable, usableBy: 1 },
]

export const supportedSchema = migrations.length

export interface SchemaState {
  /** 0: no tables. */
  readonly schema: number
  readonly usableBy: number
}

/** All nodes that start at one time migrate one after the other. */
const lock =
  "SELECT pg_advisory_xact_lock(hashtextextended('genesys-enricher migrate ' || current_schema(), 0))"
const migrationTimeoutMs = 600_000

/** Reads the schema of the first schema in the search_path. */
export async function readSchema(query: Query): Promise<SchemaState> {
  // Not to_regclass: inside a transaction, it may not see a table that another process has just created.
  const [table] = await query<{ found: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relname = 'inbox_schema' AND n.nspname = ANY (current_schemas(false))) AS found`,
  )
  if (table?.found !== true) return { schema: 0, usableBy: 0 }
  const [row] = await query<{ version: number; usable_by: number }>(
    'SELECT version, usable_by FROM inbox_schema',
  )
  return { schema: row?.version ?? 0, usableBy: row?.usable_by ?? 0 }
}

/** Brings the tables to the schema of this version, in one transaction. Throws `InboxOpenError` if a newer one cannot be used. */
export async function migrate(
  connections: Pick<Connections, 'query' | 'transaction'>,
  shown: string,
): Promise<void> {
  if ((await readAndCheck(connections.query, shown)).schema >= supportedSchema) return
  await connections.transaction(async (query) => {
    await query(lock)
    const { schema } = await readAndCheck(query, shown)
    if (schema === 0)
      await query(
        'CREATE TABLE inbox_schema (id integer PRIMARY KEY CHECK (id = 1), version integer NOT NULL, usable_by integer NOT NULL)',
      )
    for (const [from, { sql, usableBy }] of migrations.entries()) {
      if (from < schema) continue
      await query(sql)
      await query(
        'INSERT INTO inbox_schema VALUES (1, $1, $2) ON CONFLICT (id) DO UPDATE SET version = $1, usable_by = $2',
        [from + 1, usableBy],
      )
    }
  }, migrationTimeoutMs)
}

async function readAndCheck(query: Query, shown: string): Promise<SchemaState> {
  const state = await readSchema(query)
  if (state.usableBy > supportedSchema)
    throw new InboxOpenError(
      `The inbox ${shown} was written by a newer version (schema ${state.schema}, this version supports ${supportedSchema}): run that version, or set another STORE_URL`,
    )
  return state
}
