import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Query } from '../../../src/inbox/postgres/connections.ts'
import { createOwnership } from '../../../src/inbox/postgres/ownership.ts'
import { until } from '../../helpers/wait.ts'

type Answer = { readonly epoch: number | null; readonly hold_ms: number; readonly nodes: readonly never[] }

const given: Answer = { epoch: 1, hold_ms: 0, nodes: [] }

/** The right of a node whose server answers as the test says. The clock stands still until the test moves it. */
function setUp(t: TestContext, answer: () => Promise<Answer>) {
  let at = 0
  const changes: boolean[] = []
  const statements: string[] = []
  const query = (async (sql: string) => {
    statements.push(sql.slice(0, 30))
    return sql.includes('inbox_beat') ? [await answer()] : []
  }) as unknown as Query
  const ownership = createOwnership({
    query,
    client: 'demo',
    node: { id: 'node', role: 'all', leaseMs: 10_000, rulesVersion: () => undefined },
    monotonic: () => at,
    onNewEpoch: () => {},
    onChange: (may) => void changes.push(may),
    onBeat: () => {},
  })
  t.after(() => ownership.close())
  return {
    ownership,
    changes,
    statements,
    setTime: (ms: number) => {
      at = ms
    },
  }
}

test('a node whose right ended and begins again waits for the end of its calls that were cut off', async (t) => {
  const { ownership, changes, setTime } = setUp(t, async () => given)
  await ownership.beat()
  assert.equal(ownership.mayDeliver(), true)
  setTime(9_001) // the right has ended; no timer has noticed yet
  await ownership.beat()
  assert.deepEqual(changes, [true, false])
  assert.equal(ownership.epoch(), 1)
  assert.equal(ownership.mayDeliver(), false)
  setTime(10_000) // another node could start now
  await until('it may deliver', () => changes.length === 3)
  assert.equal(ownership.mayDeliver(), true)
})

test('a renewal in time changes nothing', async (t) => {
  const { ownership, changes, setTime } = setUp(t, async () => given)
  await ownership.beat()
  setTime(8_999)
  await ownership.beat()
  setTime(17_000)
  assert.equal(ownership.mayDeliver(), true)
  assert.deepEqual(changes, [true])
})

test('a node that leaves while the server gives it the right gives it back', async (t) => {
  const answer = Promise.withResolvers<Answer>()
  const { ownership, statements } = setUp(t, () => answer.promise)
  const beat = ownership.beat()
  const handedOver = ownership.handOver()
  answer.resolve(given)
  await Promise.all([beat, handedOver])
  assert.equal(ownership.epoch(), undefined)
  assert.ok(statements.at(-1)?.startsWith('UPDATE inbox_owners SET'))
})

test('a node that leaves gives the right back although the answer that gave it was lost', async (t) => {
  const { ownership, statements } = setUp(t, async () => {
    throw new Error('lost')
  })
  await assert.rejects(ownership.beat())
  await ownership.handOver()
  assert.ok(statements.at(-1)?.startsWith('UPDATE inbox_owners SET'))
})
