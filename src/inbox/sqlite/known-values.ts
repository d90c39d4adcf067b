import type Database from 'better-sqlite3'
import type { KnownValue, KnownValues, ParticipantKey } from '../inbox.ts'
import { createHashIndex } from './hash-index.ts'

interface ValueRow extends KnownValue {
  readonly id: number
  readonly attribute: string
}

/** The text by which an index finds a participant. */
export const participantText = ({ conversationId, participantId }: ParticipantKey): string =>
  `${conversationId}/${participantId}`

export type KnownValuesTable = ReturnType<typeof createKnownValues>

/** The known values of participants, one row per value. Call the methods that write inside a transaction. */
export function createKnownValues(database: Database.Database) {
  const index = createHashIndex({
    database,
    table: 'known_values',
    id: 'id',
    text: "conversation_id || '/' || participant_id",
  })
  const get = database.prepare<[number, string, string], ValueRow>(`
    SELECT id, attribute, value, decided_at AS decidedAt, sequence, known_at AS knownAt FROM known_values
    WHERE id = ? AND conversation_id = ? AND participant_id = ?`)
  const insert = database.prepare<[number, string, string, string, string, number, number, number]>(
    'INSERT INTO known_values VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const update = database.prepare<[string, number, number, number, number]>(
    'UPDATE known_values SET value = ?, decided_at = ?, sequence = ?, known_at = ? WHERE id = ?',
  )
  const prune = database.prepare<[number, number]>(
    'DELETE FROM known_values WHERE id IN (SELECT id FROM known_values WHERE known_at < ? LIMIT ?)',
  )

  const rowsOf = (key: ParticipantKey): ValueRow[] =>
    index
      .candidates(participantText(key))
      .map((id) => get.get(id, key.conversationId, key.participantId))
      .filter((row) => row !== undefined)

  return {
    index,
    of: (key: ParticipantKey): KnownValues =>
      new Map(rowsOf(key).map(({ id, attribute, ...known }) => [attribute, known])),
    remember(key: ParticipantKey, known: KnownValues): void {
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
        index.add(participantText(key), next)
      }
    },
    /** Deletes values last confirmed before that time. Returns their number. */
    prune: ({ before, limit }: { before: number; limit: number }): number => prune.run(before, limit).changes,
  }
}
