import type Database from 'better-sqlite3'
import { maxEventsPerClaim } from '../../inbox.ts'
import type { StoredEvent, StoredParticipant, StoredValue } from '../../transfer/rows.ts'
import {
  type Cursor,
  maxPageBytes,
  maxPageRows,
  type Page,
  type StoreReader,
  type TableReaders,
} from '../../transfer/stores.ts'
import { createDeliveryPause } from '../delivery-pause.ts'

type EventRow = Omit<StoredEvent, 'patch'> & {
  readonly record: number | null
  readonly patchId: number | null
  readonly hash: number | null
}
type ParticipantRow = Omit<StoredParticipant, 'ended'> & { readonly id: number; readonly ended: number }

const eventColumns = `e.sequence, e.identity, e.priority, e.accepted_at AS acceptedAt, e.replayed_at AS replayedAt, e.state,
  e.settled_at AS settledAt, e.code, e.detail, ifnull(r.attempts, 0) AS attempts, d.names AS decision, r.status,
  r.correlation_id AS correlationId, r.target_id AS targetId, p.first_sequence AS firstSequence, e.event, r.id AS record,
  r.patch AS patchId, r.hash`
const joins = `LEFT JOIN decisions d ON d.id = r.decision
  LEFT JOIN participants p ON p.id = e.participant AND e.state = 'pending'`

/** Reads an inbox file for a copy. */
export function createReader(database: Database.Database): Omit<StoreReader, 'name'> {
  const pause = createDeliveryPause(database)
  const number = (sql: string) => database.prepare<[], number>(sql).pluck()
  const counted = {
    participants: number('SELECT count(*) FROM participants'),
    events: number('SELECT count(*) FROM events'),
    knownValues: number('SELECT count(*) FROM known_values'),
  }
  const lastSequence = number(`
    SELECT max(sequence) FROM (SELECT 0 AS sequence UNION ALL SELECT max(sequence) FROM events
      UNION ALL SELECT sequence FROM forgotten UNION ALL SELECT max(id) FROM participants
      UNION ALL SELECT max(sequence) FROM known_values)`)
  return {
    readers: {
      participants: participantReader(database),
      events: eventReader(database),
      knownValues: valueReader(database),
    },
    counts: async () => ({
      participants: counted.participants.get() ?? 0,
      events: counted.events.get() ?? 0,
      knownValues: counted.knownValues.get() ?? 0,
    }),
    settings: async () => ({ pause: pause.get(), lastSequence: lastSequence.get() ?? 0 }),
  }
}

/**
 * Events without a record come first: they were settled by an older version, or never attempted. The others come in the order of their
 * records, which is that of their settlements.
 */
function eventReader(database: Database.Database): TableReaders['events'] {
  const withoutRecord = database.prepare<[number], EventRow>(`
    SELECT ${eventColumns} FROM events e LEFT JOIN records r ON r.id = e.record AND r.sequence = e.sequence ${joins}
    WHERE e.sequence > ? AND r.id IS NULL ORDER BY e.sequence`)
  const withRecord = database.prepare<[number], EventRow>(`
    SELECT ${eventColumns} FROM records r CROSS JOIN events e ON e.sequence = r.sequence AND e.record = r.id ${joins}
    WHERE r.id > ? ORDER BY r.id`)
  const firstOfPatch = createFirstOfPatch(database)

  return async (after) => {
    const [phase, position] = after ?? ['without_record', 0]
    const isFirst = phase === 'without_record'
    const found = take(
      (isFirst ? withoutRecord : withRecord).iterate(Number(position)),
      ({ event }) => event.length,
    )
    const rows = found.rows.map(({ record: _, patchId, hash, ...row }) => ({
      ...row,
      patch: patchId === null || row.settledAt === null ? null : firstOfPatch(patchId, hash),
    }))
    const last = found.rows.at(-1)
    if (found.isCut && last !== undefined)
      return { rows, next: isFirst ? [phase, last.sequence] : [phase ?? '', last.record ?? 0] }
    return { rows, next: isFirst ? ['with_record', 0] : undefined }
  }
}

/** Finds the lowest sequence of the settled events whose outcome is that PATCH. `hash`: that of their records. */
function createFirstOfPatch(database: Database.Database) {
  const select = database.prepare<
    [number, number],
    { hash: number; patch: number | null; sequence: number; isCurrent: number }
  >(`
    SELECT r.hash, r.patch, r.sequence, e.settled_at IS NOT NULL AS isCurrent FROM records r
      LEFT JOIN events e ON e.sequence = r.sequence AND e.record = r.id
    WHERE r.id BETWEEN ? AND ? ORDER BY r.id`)
  let last: { readonly patch: number; readonly lowest: number | null } | undefined

  return (patch: number, hash: number | null): number | null => {
    if (last?.patch === patch) return last.lowest
    let lowest: number | null = null
    let isFound = false
    for (const row of select.iterate(patch, patch + maxEventsPerClaim)) {
      // The records of one settlement follow each other, and are those of one conversation.
      if (row.hash !== hash && isFound) break
      isFound ||= row.hash === hash
      if (row.patch === patch && row.isCurrent === 1) lowest = Math.min(lowest ?? row.sequence, row.sequence)
    }
    last = { patch, lowest }
    return lowest
  }
}

function participantReader(database: Database.Database): TableReaders['participants'] {
  const select = database.prepare<[number], ParticipantRow>(`
    SELECT id, conversation_id AS conversationId, participant_id AS participantId, priority, first_sequence AS firstSequence, ended,
      due_at AS dueAt, failed_at AS failedAt, failure_code AS failureCode, failure_attempts AS failureAttempts
    FROM participants WHERE id > ? ORDER BY id`)
  return async (after) =>
    pageOf(select, after, ({ id: _, ended, ...row }): StoredParticipant => ({ ...row, ended: ended === 1 }))
}

function valueReader(database: Database.Database): TableReaders['knownValues'] {
  const select = database.prepare<[number], StoredValue & { readonly id: number }>(`
    SELECT id, conversation_id AS conversationId, participant_id AS participantId, attribute, value, decided_at AS decidedAt,
      sequence, known_at AS knownAt
    FROM known_values WHERE id > ? ORDER BY id`)
  return async (after) => pageOf(select, after, ({ id: _, ...row }) => row)
}

function pageOf<Row extends { readonly id: number }, Stored>(
  select: Database.Statement<[number], Row>,
  after: Cursor | undefined,
  toStored: (row: Row) => Stored,
): Page<Stored> {
  const { rows, isCut } = take(select.iterate(Number(after?.[0] ?? 0)), () => 0)
  const last = rows.at(-1)
  return { rows: rows.map(toStored), next: isCut && last !== undefined ? [last.id] : undefined }
}

/** The rows of one page. `isCut`: more may follow. */
function take<Row>(found: Iterable<Row>, bytesOf: (row: Row) => number): { rows: Row[]; isCut: boolean } {
  const rows: Row[] = []
  let bytes = 0
  for (const row of found) {
    rows.push(row)
    bytes += bytesOf(row)
    if (rows.length >= maxPageRows || bytes >= maxPageBytes) return { rows, isCut: true }
  }
  return { rows, isCut: false }
}
