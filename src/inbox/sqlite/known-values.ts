import type Database from 'better-sqlite3'
import type { KnownValue, KnownValues, ParticipantKey } from '../inbox.ts'
import { createLazyIndex, type LazyIndex } from './lazy-index.ts'
import { nameOf } from './participants.ts'

/** What participants are known to have: a row for each value. */
export interface StoredValues {
  /** Finds rows by conversation, participant and attribute. */
  readonly index: LazyIndex
  of(key: ParticipantKey): KnownValues
  /** To be run inside a transaction, like `forget`. */
  remember(key: ParticipantKey, known: KnownValues): void
  /** Returns how many were known at the latest before. */
  forget(before: number, limit: number): number
}

interface ValueRow {
  attribute: string
  value: string
  decided_at: number
  sequence: number
  known_at: number
}

interface ForgottenRow {
  id: number
  conversation_id: string
  participant_id: string
  attribute: string
}

export function createKnownValues(database: Database.Database): StoredValues {
  const index = createLazyIndex({
    database,
    table: 'known_value_keys',
    rows: `
      SELECT conversation_id || '/' || participant_id || '/' || attribute AS key, id FROM known_values
      WHERE id > ? ORDER BY id`,
    groupOf: (name) => name.slice(0, name.indexOf('/', name.indexOf('/') + 1)),
  })
  const get = database.prepare<[number], ValueRow>(
    'SELECT attribute, value, decided_at, sequence, known_at FROM known_values WHERE id = ?',
  )
  const insert = database.prepare<[number, string, string, string, string, number, number, number]>(
    'INSERT INTO known_values VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const update = database.prepare<[string, number, number, number, number]>(
    'UPDATE known_values SET value = ?, decided_at = ?, sequence = ?, known_at = ? WHERE id = ?',
  )
  const forget = database.prepare<[number, number], ForgottenRow>(`
    DELETE FROM known_values WHERE id IN (SELECT id FROM known_values WHERE known_at < ? LIMIT ?)
    RETURNING id, conversation_id, participant_id, attribute`)

  const read = (id: number): [attribute: string, known: KnownValue] => {
    const row = get.get(id)
    if (row === undefined) throw new Error(`no known value has the id ${id}`)
    const { attribute, value, decided_at: decidedAt, sequence, known_at: knownAt } = row
    return [attribute, { value, decidedAt, sequence, knownAt }]
  }

  return {
    index,
    of: (key) => new Map(index.under(nameOf(key)).map(read)),
    remember: (key, known) => {
      for (const [attribute, { value, decidedAt, sequence, knownAt }] of known) {
        const name = `${nameOf(key)}/${attribute}`
        const id = index.find(name)
        if (id !== undefined) {
          update.run(value, decidedAt, sequence, knownAt, id)
          continue
        }
        const next = index.nextId()
        insert.run(
          next,
          key.conversationId,
          key.participantId,
          attribute,
          value,
          decidedAt,
          sequence,
          knownAt,
        )
        index.add(name, next)
      }
    },
    forget: (before, limit) => {
      const forgotten = forget.all(before, limit)
      for (const {
        id,
        conversation_id: conversationId,
        participant_id: participantId,
        attribute,
      } of forgotten)
        index.remove(`${nameOf({ conversationId, participantId })}/${attribute}`, id)
      return forgotten.length
    },
  }
}
