import type { StoredEvent, StoredParticipant, StoredValue } from '../../transfer/rows.ts'
import {
  type Cursor,
  maxPageBytes,
  maxPageRows,
  type Page,
  type StoreReader,
  type TableReaders,
} from '../../transfer/stores.ts'
import type { Connections, Parameter, Query } from '../connections.ts'
import { createPause } from '../pause.ts'

interface ReaderDeps {
  readonly connections: Connections
  readonly client: string
  /** Longest time of a statement. */
  readonly timeoutMs: number
}

/**
 * For the transaction of a page. The planner must use the index: with outdated statistics, it would sort all rows for each page. A sort
 * that is off costs so much that the server would compile the statement.
 */
const settings = "SELECT set_config('enable_sort', 'off', true), set_config('jit', 'off', true)"

/** Reads a page. */
type ReadPage = <Row extends object>(sql: string, parameters: readonly Parameter[]) => Promise<readonly Row[]>

/** Reads the inbox of one OAuth client for a copy. */
export function createReader({ connections, client, timeoutMs }: ReaderDeps): Omit<StoreReader, 'name'> {
  const { query } = connections
  const read: ReadPage = <Row extends object>(sql: string, parameters: readonly Parameter[]) =>
    connections.transaction(async (inTransaction: Query) => {
      await inTransaction(settings)
      return inTransaction<Row & Record<string, unknown>>(sql, [client, ...parameters])
    }, timeoutMs)
  const count = async (table: string): Promise<number> => {
    const [row] = await query<{ rows: number }>(`SELECT count(*) AS rows FROM ${table} WHERE client = $1`, [
      client,
    ])
    return row?.rows ?? 0
  }
  return {
    readers: {
      participants: participantReader(read),
      events: eventReader(read),
      knownValues: valueReader(read),
    },
    counts: async () => ({
      participants: await count('inbox_participants'),
      events: await count('inbox_events'),
      knownValues: await count('inbox_known_values'),
    }),
    settings: async () => {
      const [row] = await query<{ last: number }>('SELECT last_value AS last FROM inbox_sequence')
      return { pause: await createPause({ query, client }).get(), lastSequence: row?.last ?? 0 }
    },
  }
}

type EventRow = StoredEvent & {
  readonly patchKey: number
  /** Rows that fit into the page if their bytes did not matter. */
  readonly fitting: number
}

const order = 'e.settled_at, coalesce(e.patch, 0), e.sequence'

/** One page of events. `m.settled_at + 0` and `m.sequence + 0` keep the planner from other indexes than that of the PATCH. */
const eventPage = (condition: string, by: string) => `
  SELECT e.sequence, e.identity, e.priority, e.accepted_at AS "acceptedAt", e.replayed_at AS "replayedAt", e.state,
    e.settled_at AS "settledAt", e.code, e.detail, e.attempts, e.decision, e.api_status AS status,
    e.correlation_id AS "correlationId", e.target_id AS "targetId", e.event, coalesce(e.patch, 0) AS "patchKey", e.fitting,
    (SELECT min(m.sequence + 0) FROM inbox_events m
      WHERE m.client = e.client AND m.patch = e.patch AND m.settled_at + 0 = e.settled_at) AS patch,
    CASE WHEN e.state = 'pending' THEN (SELECT p.first_sequence FROM inbox_participants p WHERE p.client = e.client
      AND p.conversation_id = e.conversation_id AND p.participant_id = e.participant_id) END AS "firstSequence"
  FROM (
    SELECT e.*, count(*) OVER () AS fitting, row_number() OVER (ORDER BY ${by}) AS position,
      sum(octet_length(e.event)) OVER (ORDER BY ${by}) AS bytes
    FROM (SELECT e.* FROM inbox_events e WHERE e.client = $1 AND ${condition} ORDER BY ${by} LIMIT ${maxPageRows}) e
  ) e WHERE e.position = 1 OR e.bytes <= ${maxPageBytes} ORDER BY e.position`

const settledSql = eventPage(
  `e.settled_at IS NOT NULL AND e.settled_at >= $2 AND (${order}) > ($2::bigint, $3::bigint, $4::bigint)`,
  order,
)
const pendingSql = eventPage("e.state = 'pending' AND e.sequence > $2", 'e.sequence')

/** Settled events, then pending ones. */
function eventReader(read: ReadPage): TableReaders['events'] {
  return async (after) => {
    const [phase, ...position] = after ?? ['settled', 0, 0, 0]
    const isSettled = phase === 'settled'
    const found = await read<EventRow>(isSettled ? settledSql : pendingSql, position)
    const rows = found.map(({ patchKey: _, fitting: __, ...row }) => row)
    const last = found.at(-1)
    const isCut = last !== undefined && (found.length < last.fitting || last.fitting === maxPageRows)
    if (!isCut) return { rows, next: isSettled ? ['pending', 0] : undefined }
    const { settledAt, patchKey, sequence } = last
    return { rows, next: isSettled ? ['settled', settledAt ?? 0, patchKey, sequence] : ['pending', sequence] }
  }
}

function participantReader(read: ReadPage): TableReaders['participants'] {
  return async (after) => {
    const rows = await read<StoredParticipant>(
      `SELECT conversation_id AS "conversationId", participant_id AS "participantId", priority,
        first_sequence AS "firstSequence", ended, due_at AS "dueAt", failed_at AS "failedAt", failure_code AS "failureCode",
        failure_attempts AS "failureAttempts"
       FROM inbox_participants WHERE client = $1 AND (conversation_id, participant_id) > ($2, $3)
       ORDER BY conversation_id, participant_id LIMIT ${maxPageRows}`,
      after ?? ['', ''],
    )
    return pageOf(rows, ({ conversationId, participantId }) => [conversationId, participantId])
  }
}

function valueReader(read: ReadPage): TableReaders['knownValues'] {
  return async (after) => {
    const found = await read<StoredValue>(
      `SELECT conversation_id AS "conversationId", participant_id AS "participantId", attribute, value,
        decided_at AS "decidedAt", sequence, known_at AS "knownAt"
       FROM inbox_known_values WHERE client = $1 AND (conversation_id, participant_id, attribute) > ($2, $3, $4)
       ORDER BY conversation_id, participant_id, attribute LIMIT ${maxPageRows}`,
      after ?? ['', '', ''],
    )
    const { next } = pageOf(found, (row) => [row.conversationId, row.participantId, row.attribute])
    const parsed = (row: StoredValue) => ({
      ...row,
      attribute: JSON.parse(row.attribute),
      value: JSON.parse(row.value),
    })
    return { rows: found.map(parsed), next }
  }
}

function pageOf<Row>(rows: readonly Row[], cursorOf: (row: Row) => Cursor): Page<Row> {
  const last = rows.at(-1)
  return { rows, next: rows.length === maxPageRows && last !== undefined ? cursorOf(last) : undefined }
}
