import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { createConversationHeads } from '../../../src/inbox/sqlite/conversation-heads.ts'
import { createHashTable } from '../../../src/inbox/sqlite/hash-table.ts'
import { rounds } from '../../helpers/rounds.ts'
import { inboxFile, open } from './harness.ts'

/** A new inbox file, and the heads of its records. */
async function setUp(t: TestContext) {
  const file = await inboxFile(t)
  await open(file).close()
  const database = new Database(file)
  t.after(() => database.close())
  const insert = database.prepare('INSERT INTO records VALUES (?, ?, ?, ?, 0, NULL, NULL, NULL, NULL, NULL)')
  const openHeads = () => createConversationHeads({ database, rowsPerSegment: 4 })
  let heads = openHeads()
  return {
    reopen: () => {
      heads = openHeads()
    },
    /** Adds one record per conversation. */
    add: (conversations: readonly string[], end: 'COMMIT' | 'ROLLBACK') => {
      database.exec('BEGIN')
      heads.store()
      const ids = conversations.map((conversation) => {
        const id = heads.nextId()
        const hash = heads.hash(conversation)
        insert.run(id, id, hash, heads.replace(hash, id) ?? null)
        return id
      })
      database.exec(end)
      if (end === 'COMMIT') heads.committed()
      else heads.rolledBack()
      return ids
    },
    prune: (lastId: number) => {
      database.exec('BEGIN')
      database.prepare('DELETE FROM records WHERE id <= ?').run(lastId)
      for (let n = 0; n < 4; n += 1) heads.sweep()
      database.exec('COMMIT')
      heads.committed()
    },
    /** The records of a conversation, latest first. */
    chain: (conversation: string) => {
      const link = database.prepare<[number], { previous: number | null }>(
        'SELECT previous FROM records WHERE id = ?',
      )
      const ids: number[] = []
      let id: number | null | undefined = heads.latest(heads.hash(conversation))
      while (id != null) {
        const row = link.get(id)
        if (row === undefined) break
        ids.push(id)
        id = row.previous
      }
      return ids
    },
  }
}

const conversations = ['a', 'b', 'c']
const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        add: fc.array(fc.constantFrom(...conversations), { minLength: 1, maxLength: 6 }),
        end: fc.constantFrom('COMMIT' as const, 'ROLLBACK' as const),
      }),
    },
    { weight: 1, arbitrary: fc.record({ prune: fc.integer({ min: 0, max: 30 }) }) },
    { weight: 1, arbitrary: fc.constant({ reopen: true }) },
  ),
  { maxLength: 25 },
)

test('the chain of each conversation has its committed records, also after rollback, prune and reopen', async (t) => {
  const property = fc.asyncProperty(steps, async (list) => {
    const subject = await setUp(t)
    let expected: { id: number; conversation: string }[] = []
    for (const step of list) {
      if ('add' in step) {
        const ids = subject.add(step.add, step.end)
        const added = ids.map((id, index) => ({ id, conversation: step.add[index] ?? '' }))
        if (step.end === 'COMMIT') expected = [...expected, ...added]
      } else if ('prune' in step) {
        subject.prune(step.prune)
        expected = expected.filter(({ id }) => id > step.prune)
      } else subject.reopen()
      for (const conversation of conversations) {
        const own = expected.filter((record) => record.conversation === conversation)
        assert.deepEqual(subject.chain(conversation), own.map(({ id }) => id).toReversed())
      }
    }
  })
  await fc.assert(property, { numRuns: rounds(20) })
})

test('100,000 events of one conversation take one entry, and as long as those of many', () => {
  const table = createHashTable()
  for (let id = 1; id <= 100_000; id += 1) table.replace(5, id)
  assert.deepEqual(table.find(5), [100_000])
  const one = createHashTable()
  one.replace(5, 1)
  assert.equal(table.bytes, one.bytes)
})
