import type Database from 'better-sqlite3'
import type { ParticipantKey, Priority } from '../inbox.ts'
import { createLazyIndex, type LazyIndex } from './lazy-index.ts'

/** The rows of participants: one for each that has pending events. To be used inside a transaction. */
export interface Participants {
  /** Finds rows by conversation and participant. */
  readonly index: LazyIndex
  find(key: ParticipantKey): number | undefined
  /** The row of a participant that has a new event: its id. */
  note(key: ParticipantKey, sequence: number, priority: Priority): number
  remove(id: number): void
  /** The conversation has ended. */
  noteEnded(conversationId: string): void
}

/** As it stands in an index: neither id has a slash in it. */
export const nameOf = ({ conversationId, participantId }: ParticipantKey): string =>
  `${conversationId}/${participantId}`

export function createParticipants(database: Database.Database): Participants {
  const index = createLazyIndex({
    database,
    table: 'participant_keys',
    rows: `SELECT conversation_id || '/' || participant_id AS key, id FROM participants WHERE id > ? ORDER BY id`,
    groupOf: (name) => name.slice(0, name.indexOf('/')),
  })
  const insert = database.prepare<[number, string, string, number, number]>(`
    INSERT INTO participants (id, conversation_id, participant_id, priority, first_sequence) VALUES (?, ?, ?, ?, ?)`)
  const raise = database.prepare<[number, number, number]>(
    'UPDATE participants SET priority = ? WHERE id = ? AND priority > ?',
  )
  const remove = database.prepare<[number], { conversation_id: string; participant_id: string }>(
    'DELETE FROM participants WHERE id = ? RETURNING conversation_id, participant_id',
  )
  const end = database.prepare<[number]>('UPDATE participants SET ended = 1 WHERE id = ?')

  return {
    index,
    find: (key) => index.find(nameOf(key)),
    note: (key, sequence, priority) => {
      const name = nameOf(key)
      const id = index.find(name)
      if (id !== undefined) {
        raise.run(priority, id, priority)
        return id
      }
      insert.run(sequence, key.conversationId, key.participantId, priority, sequence)
      index.add(name, sequence)
      return sequence
    },
    remove: (id) => {
      const row = remove.get(id)
      if (row === undefined) return
      const key = { conversationId: row.conversation_id, participantId: row.participant_id }
      index.remove(nameOf(key), id)
    },
    noteEnded: (conversationId) => {
      for (const id of index.under(conversationId)) end.run(id)
    },
  }
}
