import type Database from 'better-sqlite3'
import type { ParticipantKey, Priority } from '../inbox.ts'
import { createHashIndex, type HashIndex } from './hash-index.ts'

/** One row per participant with pending events. Call the methods inside a transaction. */
export interface Participants {
  /** Finds rows by conversation. */
  readonly index: HashIndex
  find(key: ParticipantKey): number | undefined
  /** Creates or updates the row for a new event. Returns the row's id. */
  upsert(key: ParticipantKey, sequence: number, priority: Priority): number
  remove(id: number): void
  /** Marks the participants of the conversation as ended. */
  noteEnded(conversationId: string): void
}

interface NameRow {
  conversation_id: string
  participant_id: string
}

export function createParticipants(database: Database.Database): Participants {
  const index = createHashIndex({ database, table: 'participants', id: 'id', text: 'conversation_id' })
  const get = database.prepare<[number], NameRow>(
    'SELECT conversation_id, participant_id FROM participants WHERE id = ?',
  )
  const insert = database.prepare<[number, string, string, number, number]>(`
    INSERT INTO participants (id, conversation_id, participant_id, priority, first_sequence) VALUES (?, ?, ?, ?, ?)`)
  const raise = database.prepare<[number, number, number]>(
    'UPDATE participants SET priority = ? WHERE id = ? AND priority > ?',
  )
  const remove = database.prepare<[number], NameRow>(
    'DELETE FROM participants WHERE id = ? RETURNING conversation_id, participant_id',
  )
  const end = database.prepare<[number, string]>(
    'UPDATE participants SET ended = 1 WHERE id = ? AND conversation_id = ?',
  )

  const find = ({ conversationId, participantId }: ParticipantKey): number | undefined =>
    index.candidates(conversationId).find((id) => {
      const row = get.get(id)
      return row?.conversation_id === conversationId && row.participant_id === participantId
    })

  return {
    index,
    find,
    upsert: (key, sequence, priority) => {
      const id = find(key)
      if (id !== undefined) {
        raise.run(priority, id, priority)
        return id
      }
      insert.run(sequence, key.conversationId, key.participantId, priority, sequence)
      index.add(key.conversationId, sequence)
      return sequence
    },
    remove: (id) => {
      const row = remove.get(id)
      if (row !== undefined) index.remove(row.conversation_id, id)
    },
    noteEnded: (conversationId) => {
      for (const id of index.candidates(conversationId)) end.run(id, conversationId)
    },
  }
}
