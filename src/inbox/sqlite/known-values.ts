import type Database from 'better-sqlite3'
import type { KnownValue, KnownValues, ParticipantKey } from '../inbox.ts'
import { createHashIndex, type HashIndex } from './hash-index.ts'

/** The known values of participants, one row per value. */
export interface StoredValues {
  /** Finds rows by participant. */
  readonly index: HashIndex
  of(key: ParticipantKey): KnownValues
  /** Call it inside a transaction, like `forget`. */
  remember(key: ParticipantKey, known: KnownValues): void
  /** Deletes values last confirmed before that time. Returns their number. */
  forget(before: number, limit: number): number
}

interface ValueRow {
  id: number
  conversation_id: string
  participant_id: string
  attribute: string
  value: string
  decided_at: number
  sequence: number
  known_at: number
}

export function createKnownValues(database: Database.Database): StoredValues {
  const index = createHashIndex({
    database,
    table: 'known_values',
    id: 'id',
    text: "conversation_id || '/' || participant_id",
  })
  const get = database.prepare<[number], ValueRow>('SELECT * FROM known_values WHERE id = ?')
  const insert = database.prepare<[number, string, string, string, string, number, number, number]>(
    'INSERT INTO known_values VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const update = database.prepare<[string, number, number, number, number]>(
    'UPDATE known_values SET value = ?, decided_at = ?, sequence = ?, known_at = ? WHERE id = ?',
  )
  const forget = database.prepare<[number, number]>(
    'DELETE FROM known_values WHERE id IN (SELECT id FROM known_values WHERE known_at < ? LIMIT ?)',
  )

  const participantOf = ({ conversationId, participantId }: ParticipantKey) =>
    `${conversationId}/${participantId}`

  const rowsOf = (key: ParticipantKey): ValueRow[] =>
    index
      .candidates(participantOf(key))
      .map((id) => get.get(id))
      .filter((row) => row !== undefined)
      .filter((row) => row.conversation_id === key.conversationId && row.participant_id === key.participantId)

  return {
    index,
    of: (key) => new Map(rowsOf(key).map((row) => [row.attribute, toKnownValue(row)])),
    remember: (key, known) => {
      const ids = new Map(rowsOf(key).map(({ attribute, id }) => [attribute, id]))
      for (const [attribute, { value, decidedAt, sequence, knownAt }] of known) {
        const id = ids.get(attribute)
        if (id !== undefined) {
          update.run(value, decidedAt, sequence, knownAt, id)
          continue
        }
        const next = index.nextId()
        const { conversationId, participantId } = key
        insert.run(next, conversationId, participantId, attribute, value, decidedAt, sequence, knownAt)
        index.add(participantOf(key), next)
      }
    },
    forget: (before, limit) => forget.run(before, limit).changes,
  }
}

const toKnownValue = ({
  value,
  decided_at: decidedAt,
  sequence,
  known_at: knownAt,
}: ValueRow): KnownValue => ({ value, decidedAt, sequence, knownAt })
