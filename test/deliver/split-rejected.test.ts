import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { AttemptDeps } from '../../src/deliver/attempt.ts'
import { rounds } from '../helpers/rounds.ts'
import { setting, setUp } from './harness.ts'

/** An API that rejects the whole PATCH if it contains a bad value. */
const choosy: (call: AttemptDeps['patchAttributes']) => AttemptDeps['patchAttributes'] =
  (call) => (target, attributes) =>
    Object.values(attributes).includes('bad')
      ? Promise.resolve({ kind: 'rejected', detail: '400 bad.request', cause: '400' })
      : call(target, attributes)

test('a rejected value affects only its own event', async (t) => {
  const { dispatcher, accept, settled, attributesOf } = await setUp(t, { call: choosy })
  const events = Array.from({ length: 20 }, (_, n) =>
    setting(`e${n}`, { [`a${n}`]: n === 13 ? 'bad' : 'good' }),
  )
  await accept(...events)
  dispatcher.start()
  const outcomes = await settled(20)
  assert.deepEqual(
    Object.keys(outcomes).filter((name) => outcomes[name] !== 'applied'),
    ['e13'],
  )
  assert.equal(outcomes.e13, 'rejected')
  assert.equal(Object.keys(attributesOf('p1') ?? {}).length, 19)
})

test('events with a rejected value become dead letters, and all others are applied', async (t) => {
  const delivery = await setUp(t, { call: choosy })
  delivery.dispatcher.start()
  let run = 0
  let total = 0
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }), async (bad) => {
      run += 1
      total += bad.length
      const prefix = `r${run}`
      await delivery.accept(
        ...bad.map((isBad, n) => setting(`${prefix}-${n}`, { [`${prefix}a${n}`]: isBad ? 'bad' : 'good' })),
      )
      const outcomes = await delivery.settled(total)
      for (const [n, isBad] of bad.entries())
        assert.equal(outcomes[`${prefix}-${n}`], isBad ? 'rejected' : 'applied')
    }),
    { numRuns: rounds(25) },
  )
})
