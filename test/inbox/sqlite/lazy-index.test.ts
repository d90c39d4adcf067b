import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { createLazyIndex, type LazyIndex } from '../../../src/inbox/sqlite/lazy-index.ts'
import { inboxFile, open } from './harness.ts'

/** An inbox file as it is made, and the index of participants over it. */
async function setUp(t: TestContext) {
  const file = await inboxFile(t)
  await open(file).close()
  const database = new Database(file)
  t.after(() => database.close())
  const insert = database.prepare(`INSERT INTO participants VALUES (?, ?, ?, 1, 1, NULL, NULL, 0, 0)`)
  const drop = database.prepare('DELETE FROM participants WHERE id = ?')
  const openIndex = () =>
    createLazyIndex({
      database,
      table: 'participant_keys',
      rows: `SELECT conversation_id || '/' || participant_id AS key, id FROM participants WHERE id > ? ORDER BY id`,
      groupOf: (key) => key.slice(0, key.indexOf('/')),
    })
  return {
    database,
    openIndex,
    add: (index: LazyIndex, key: string, id = index.nextId()) => {
      insert.run(id, ...key.split('/'))
      index.add(key, id)
    },
    remove: (index: LazyIndex, key: string, id: number) => {
      drop.run(id)
      index.remove(key, id)
    },
    written: () => database.prepare('SELECT key FROM participant_keys ORDER BY key').pluck().all(),
  }
}

const keys = ['a/1', 'a/2', 'a/3', 'a-/1', 'b/1', 'b/2', 'c/1']
const groups = ['a', 'a-', 'b', 'c', 'd']

const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('toggle' as const), key: fc.constantFrom(...keys) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('write down' as const), limit: fc.nat(4) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('commit' as const, 'roll back' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('open again' as const) }) },
  ),
  { maxLength: 60 },
)

test('finds what a map would find, whatever is written down, rolled back or read again', async (t) => {
  const { database, openIndex, add, remove } = await setUp(t)
  const check = (index: LazyIndex, expected: ReadonlyMap<string, number>) => {
    for (const key of keys) assert.equal(index.find(key), expected.get(key), key)
    for (const group of groups) {
      const ids = [...expected].filter(([key]) => key.startsWith(`${group}/`)).map(([, id]) => id)
      assert.deepEqual([...index.under(group)].toSorted(), ids.toSorted(), group)
    }
  }
  fc.assert(
    fc.property(steps, (taken) => {
      let index = openIndex()
      let durable = new Map<string, number>()
      let current = new Map<string, number>()
      const commit = () => {
        database.exec('COMMIT')
        index.committed()
        durable = new Map(current)
      }
      database.exec('BEGIN')
      for (const step of taken) {
        if (step.kind === 'toggle') {
          const id = current.get(step.key)
          if (id === undefined) {
            const next = index.nextId()
            add(index, step.key, next)
            current.set(step.key, next)
          } else {
            remove(index, step.key, id)
            current.delete(step.key)
          }
        } else if (step.kind === 'write down') index.writeDown(step.limit)
        else if (step.kind === 'commit') {
          commit()
          database.exec('BEGIN')
        } else {
          database.exec('ROLLBACK')
          index.rolledBack()
          current = new Map(durable)
          if (step.kind === 'open again') index = openIndex()
          database.exec('BEGIN')
        }
        check(index, current)
      }
      for (const [key, id] of current) remove(index, key, id)
      commit()
      assert.equal(index.held, 0)
    }),
    { numRuns: 300 },
  )
})

test('nothing is written until it is told to, then the oldest first', async (t) => {
  const { database, openIndex, add, written } = await setUp(t)
  const index = openIndex()
  database.exec('BEGIN')
  for (const key of ['b/1', 'c/1', 'a/1']) add(index, key)
  index.committed()
  assert.deepEqual([written(), index.held], [[], 3])
  index.writeDown(2)
  index.committed()
  assert.deepEqual([written(), index.held], [['b/1', 'c/1'], 1])
  database.exec('COMMIT')
  assert.equal(openIndex().held, 1)
})

test('what is gone before its turn is never written', async (t) => {
  const { database, openIndex, add, remove, written } = await setUp(t)
  const index = openIndex()
  database.exec('BEGIN')
  add(index, 'a/1', 1)
  add(index, 'b/1', 2)
  index.committed()
  remove(index, 'a/1', 1)
  index.writeDown(10)
  index.committed()
  database.exec('COMMIT')
  assert.deepEqual([written(), index.find('a/1'), index.find('b/1')], [['b/1'], undefined, 2])
})
