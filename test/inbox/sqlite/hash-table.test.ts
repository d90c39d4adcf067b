import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createHashTable } from '../../../src/inbox/sqlite/hash-table.ts'
import { rounds } from '../../helpers/rounds.ts'

const mostBytes = (entries: number): number => 12 * entries + 65_536

const ascending = (ids: readonly number[]): number[] => ids.toSorted((a, b) => a - b)

/** Hashes at the start, in the middle and at the end of one partition, so that searches collide and wrap around. */
const hash = fc.constantFrom(0, 1, 2, 0x1f_ffff, 0x20_0000, 0x3f_fffe, 0x3f_ffff, 0x40_0000, 0xffff_ffff)
const id = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constantFrom(2 ** 32, 2 ** 32 + 1, 2 ** 42 - 1))

test('random adds and removes give the same results as a map of sets', () => {
  const steps = fc.array(fc.record({ hash, id, add: fc.boolean() }), { maxLength: 300 })
  fc.assert(
    fc.property(steps, (taken) => {
      const table = createHashTable()
      const model = new Map<number, Set<number>>()
      for (const step of taken) {
        const ids = model.get(step.hash) ?? new Set()
        model.set(step.hash, ids)
        if (!step.add) {
          table.remove(step.hash, step.id)
          ids.delete(step.id)
        } else if (!ids.has(step.id)) {
          table.add(step.hash, step.id)
          ids.add(step.id)
        }
        for (const [other, expected] of model)
          assert.deepEqual(ascending(table.find(other)), ascending([...expected]))
      }
    }),
    { numRuns: rounds(100) },
  )
})

test('find returns exactly the 1,000 ids of one hash', () => {
  const table = createHashTable()
  const ids = Array.from({ length: 1_000 }, (_, index) => index + 1)
  for (const id of ids) table.add(7, id)
  table.add(8, 1_001)
  assert.deepEqual(ascending(table.find(7)), ids)
  for (const id of ids.slice(1)) table.remove(7, id)
  assert.deepEqual([table.find(7), table.find(8), table.find(9)], [[1], [1_001], []])
})

/** Evenly distributed hashes, the same in each run. */
const spread = (index: number): number => Math.imul(index + 1, 0x9e37_79b1) >>> 0

test('a growing and shrinking table uses at most 12 bytes per entry plus 64 KiB, and keeps an eighth free', () => {
  const table = createHashTable()
  const most = 300_000
  const check = (entries: number) => {
    assert.ok(table.bytes <= mostBytes(entries), `${table.bytes} bytes for ${entries}`)
    assert.ok(table.bytes >= (entries * 8 * 8) / 7, `${table.bytes} bytes for ${entries}`)
  }
  for (let index = 0; index < most; index += 1) {
    table.add(spread(index), index + 1)
    if (index % 5_000 === 0) check(index + 1)
  }
  for (let index = 0; index < most; index += 1) {
    table.remove(spread(index), index + 1)
    if (index % 5_000 === 0) check(most - index - 1)
  }
  assert.ok(table.bytes <= mostBytes(0))
})

test('a table for 100,000 expected entries has its final size from the start', () => {
  const table = createHashTable(100_000)
  const { bytes } = table
  assert.ok(bytes <= mostBytes(100_000))
  for (let index = 0; index < 100_000; index += 1) table.add(spread(index), index + 1)
  assert.ok(table.bytes <= bytes * 1.02, `${bytes} bytes became ${table.bytes}`)
})
