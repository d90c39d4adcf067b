import type Database from 'better-sqlite3'
import type { Transactional } from './group-commit.ts'

/** Finds rows of a table by a text. Everything but `held` is to be used inside a transaction, or sees what was committed. */
export interface LazyIndex extends Transactional {
  /** How many rows it holds in memory only. */
  readonly held: number
  find(key: string): number | undefined
  /** The ids of all keys that begin with the group and a slash. Only where the index was made with `groupOf`. */
  under(group: string): readonly number[]
  /** Ids only rise. */
  add(key: string, id: number): void
  remove(key: string, id: number): void
  /** Higher than any id there was. */
  nextId(): number
  /** Writes down what was added first, at most so many. */
  writeDown(limit: number): void
}

export interface LazyIndexOptions {
  readonly database: Database.Database
  /** Of two columns: `key`, the primary key, and `id`. */
  readonly table: 'event_keys' | 'participant_keys' | 'known_value_keys'
  /** Selects `key` and `id` of the rows whose id is higher than a parameter, by id. */
  readonly rows: string
  readonly groupOf?: (key: string) => string
}

/**
 * An index that lags behind its table: what was added last is held in memory, and written down in bulk, in the order of
 * the keys. Texts that come in any order belong on pages all over an index, so that one commit of a few dozen rows
 * would write a page for each of them; thousands at once share their pages, and a row that is gone before its turn
 * is never written down at all. After a restart, what lagged behind is read from the table.
 */
export function createLazyIndex({ database, table, rows, groupOf }: LazyIndexOptions): LazyIndex {
  const get = database.prepare<[string], number>(`SELECT id FROM ${table} WHERE key = ?`).pluck()
  // The character after the slash is 0.
  const range = database
    .prepare<[string, string], number>(`SELECT id FROM ${table} WHERE key >= ? || '/' AND key < ? || '0'`)
    .pluck()
  const insert = database.prepare<[string, number]>(`INSERT INTO ${table} VALUES (?, ?)`)
  const erase = database.prepare<[string]>(`DELETE FROM ${table} WHERE key = ?`)
  const note = database.prepare<[number, string]>('UPDATE written_down SET up_to = ? WHERE index_name = ?')
  const noted = database
    .prepare<[string], number>('SELECT up_to FROM written_down WHERE index_name = ?')
    .pluck()

  let durableUpTo = noted.get(table) ?? 0
  let lastId = durableUpTo
  /** In the order of the ids, since they only rise. */
  const recent = new Map<string, number>()
  /** Keys that `recent` or the transaction has, and a few that are gone. */
  const groups = createGroups(groupOf)
  const behind = database.prepare<[number], { key: string; id: number }>(rows)
  for (const { key, id } of behind.iterate(durableUpTo)) {
    recent.set(key, id)
    groups.add(key)
    lastId = id
  }

  // Of the transaction that is open.
  const changes = new Map<string, number | undefined>()
  let writtenUpTo = durableUpTo
  let written: string[] = []

  const find = (key: string): number | undefined =>
    changes.has(key) ? changes.get(key) : (recent.get(key) ?? get.get(key))

  function change(key: string, id: number | undefined): void {
    changes.delete(key) // or it would keep the place of an earlier change
    changes.set(key, id)
  }

  function end(): void {
    for (const key of written) if (!recent.has(key)) groups.remove(key)
    for (const key of changes.keys()) if (!recent.has(key)) groups.remove(key)
    changes.clear()
    written = []
  }

  return {
    get held() {
      return recent.size
    },
    find,
    under: (group) => {
      const held = groups.of(group).map(find)
      return [...new Set([...held, ...range.all(group, group)])].filter((id) => id !== undefined)
    },
    add: (key, id) => {
      lastId = id
      change(key, id)
      groups.add(key)
    },
    remove: (key, id) => {
      if (id <= writtenUpTo) erase.run(key)
      if (id > durableUpTo) change(key, undefined)
    },
    nextId: () => lastId + 1,
    writeDown: (limit) => {
      const oldest: [key: string, id: number][] = []
      for (const entry of recent) {
        if (oldest.length >= limit) break
        if (entry[1] > writtenUpTo) oldest.push(entry)
      }
      const last = oldest.at(-1)
      if (last === undefined) return
      const unchanged = oldest.filter(([key]) => !changes.has(key))
      for (const [key, id] of unchanged.sort(([a], [b]) => (a < b ? -1 : 1))) insert.run(key, id)
      writtenUpTo = last[1]
      note.run(writtenUpTo, table)
      written = written.concat(oldest.map(([key]) => key))
    },
    committed: () => {
      for (const key of written) recent.delete(key)
      for (const [key, id] of changes) {
        recent.delete(key) // or it would keep its place
        if (id !== undefined) recent.set(key, id)
      }
      durableUpTo = writtenUpTo
      end()
    },
    rolledBack: () => {
      writtenUpTo = durableUpTo
      end()
    },
  }
}

function createGroups(groupOf: LazyIndexOptions['groupOf']) {
  const keys = new Map<string, readonly string[]>()
  return {
    of: (group: string): readonly string[] => keys.get(group) ?? [],
    add: (key: string) => {
      if (groupOf === undefined) return
      const group = groupOf(key)
      const others = keys.get(group) ?? []
      if (!others.includes(key)) keys.set(group, [...others, key])
    },
    remove: (key: string) => {
      if (groupOf === undefined) return
      const group = groupOf(key)
      const others = (keys.get(group) ?? []).filter((other) => other !== key)
      if (others.length > 0) keys.set(group, others)
      else keys.delete(group)
    },
  }
}
