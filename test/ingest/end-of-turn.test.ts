import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createEndOfTurn } from '../../src/ingest/end-of-turn.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('callers of one turn continue together after its end, in the order of the calls', async () => {
  const endOfTurn = createEndOfTurn()
  const seen: string[] = []
  const ask = async (name: string) => {
    await endOfTurn()
    seen.push(name)
  }
  const asked = [ask('first'), ask('second')]
  await Promise.resolve().then(() => asked.push(ask('of the same turn')))
  assert.deepEqual(seen, [])
  await Promise.all(asked)
  assert.deepEqual(seen, ['first', 'second', 'of the same turn'])
})

test('each turn has its own end', async () => {
  const endOfTurn = createEndOfTurn()
  const first = endOfTurn()
  await turn()
  const second = endOfTurn()
  assert.notEqual(second, first)
  await second
})
