import type Database from 'better-sqlite3'
import { LRUCache } from 'lru-cache'
import type { Transactional } from './group-commit.ts'

/** Names of rules and of the attributes that they set. */
export interface DecisionNames {
  readonly rules: readonly string[]
  readonly attributeNames: readonly string[]
}

/** Different decisions in memory. A rules file usually leads to far fewer. */
const maxCached = 4_096

/** How often the time of the last use is stored. */
const useIntervalMs = 3_600_000

const none: DecisionNames = { rules: [], attributeNames: [] }

export type Decisions = ReturnType<typeof createDecisions>

/** Stores the names of equal decisions once, so that an event has only their id. Write inside a transaction. */
export function createDecisions(database: Database.Database) {
  const insert = database.prepare<[string, number]>('INSERT INTO decisions (names, used_at) VALUES (?, ?)')
  const use = database.prepare<[number, number]>('UPDATE decisions SET used_at = ? WHERE id = ?')
  const select = database.prepare<[number], string>('SELECT names FROM decisions WHERE id = ?').pluck()
  const prune = database.prepare<[number, number]>(
    'DELETE FROM decisions WHERE id IN (SELECT id FROM decisions WHERE used_at < ? LIMIT ?)',
  )
  const recent = database.prepare<[number], { id: number; names: string; used_at: number }>(
    'SELECT id, names, used_at FROM decisions ORDER BY used_at DESC LIMIT ?',
  )
  const cache = new LRUCache<string, { readonly id: number; readonly usedAt: number }>({ max: maxCached })
  for (const { id, names, used_at: usedAt } of recent.all(maxCached).toReversed())
    cache.set(names, { id, usedAt })

  const transactional: Transactional = {
    committed: () => {},
    // Entries of the transaction are not in the file.
    rolledBack: () => cache.clear(),
  }

  return {
    ...transactional,
    /** Undefined if no rule matched. */
    idOf({ rules, attributeNames }: DecisionNames, at: number): number | undefined {
      if (rules.length === 0 && attributeNames.length === 0) return undefined
      const names = JSON.stringify([rules, attributeNames])
      const known = cache.get(names)
      if (known !== undefined && at - known.usedAt < useIntervalMs) return known.id
      const isStored = known !== undefined && use.run(at, known.id).changes > 0
      const id = isStored ? known.id : Number(insert.run(names, at).lastInsertRowid)
      cache.set(names, { id, usedAt: at })
      return id
    },
    namesOf(id: number | null): DecisionNames {
      const names = id === null ? undefined : select.get(id)
      if (names === undefined) return none
      const [rules, attributeNames]: [readonly string[], readonly string[]] = JSON.parse(names)
      return { rules, attributeNames }
    },
    /** Deletes names that no event settled since that time uses. */
    prune: ({ before, limit }: { before: number; limit: number }): number =>
      prune.run(before - useIntervalMs, limit).changes,
  }
}
