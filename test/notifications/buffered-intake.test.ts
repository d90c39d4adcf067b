import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createBuffer } from '../../src/notifications/buffered-intake.ts'

const everything = { entries: 1_000, bytes: 1_000_000 }
const entry = (item: unknown, bytes = 1) => ({ item, bytes })

test('the buffer respects its limits of entries and bytes', () => {
  const buffer = createBuffer({ entries: 2, bytes: 10 })
  assert.equal(buffer.add(entry('a', 11)), false)
  assert.equal(buffer.add(entry('b', 9)), true)
  assert.equal(buffer.add(entry('c', 2)), false)
  assert.equal(buffer.add(entry('d', 1)), true)
  assert.equal(buffer.add(entry('e', 0)), false)
  buffer.drop(1)
  assert.equal(buffer.add(entry('f', 9)), true)
  assert.deepEqual(
    buffer.peek(everything).map(({ item }) => item),
    ['d', 'f'],
  )
})

test('peek returns as much as requested, and at least one entry', () => {
  const buffer = createBuffer(everything)
  for (const item of ['a', 'b', 'c']) buffer.add(entry(item, 10))
  const peek = (entries: number, bytes: number) => buffer.peek({ entries, bytes }).map(({ item }) => item)
  assert.deepEqual(peek(2, 100), ['a', 'b'])
  assert.deepEqual(peek(9, 25), ['a', 'b'])
  assert.deepEqual(peek(9, 0), ['a'])
  assert.equal(buffer.size, 3)
})

test('property: the buffer is a queue for any order of add and drop', () => {
  const steps = fc.array(fc.oneof(fc.constant('add' as const), fc.integer({ min: 0, max: 5 })), {
    maxLength: 200,
  })
  fc.assert(
    fc.property(steps, (actions) => {
      const buffer = createBuffer({ entries: 20, bytes: 40 })
      let model: number[] = []
      for (const [index, action] of actions.entries()) {
        if (action === 'add') {
          if (buffer.add(entry(index, 2))) model.push(index)
          else assert.equal(model.length, 20)
        } else {
          buffer.drop(action)
          model = model.slice(action)
        }
        assert.equal(buffer.size, model.length)
        const seen = buffer.peek({ entries: 5, bytes: 100 }).map(({ item }) => item)
        assert.deepEqual(seen, model.slice(0, 5))
      }
    }),
  )
})
