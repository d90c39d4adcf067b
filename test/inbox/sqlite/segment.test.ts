import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createSegment, openSegment, type Segment } from '../../../src/inbox/sqlite/segment.ts'

const find = (segment: Segment, hash: number): number[] => {
  const found: number[] = []
  segment.find(hash, found)
  return found.toSorted((a, b) => a - b)
}

test('holds as many rows as it was made for, also where all hashes are one, and the same after it was stored', () => {
  const hash = fc.oneof(fc.constantFrom(0, 1, 0xffff_ffff), fc.nat(0xffff_ffff))
  const rows = fc.array(fc.record({ hash, step: fc.integer({ min: 1, max: 1_000 }), gone: fc.boolean() }), {
    minLength: 1,
    maxLength: 50,
  })
  fc.assert(
    fc.property(rows, fc.nat(2 ** 40), (made, firstId) => {
      const segment = createSegment(made.length, firstId)
      let id = firstId
      const entries = made.map(({ hash, step, gone }, index) => {
        id += index === 0 ? 0 : step
        assert.equal(segment.takes(id), true)
        segment.add(hash, id)
        return { hash, id, gone }
      })
      assert.equal(segment.takes(id + 1), false)
      for (const entry of entries) if (entry.gone) segment.remove(entry.hash, entry.id)
      const again = openSegment(firstId, id, Buffer.from(segment.slots))
      assert.deepEqual([again.firstId, again.lastId, again.takes(id + 1)], [firstId, id, false])
      for (const { hash } of entries) {
        const expected = entries
          .filter((entry) => entry.hash === hash && !entry.gone)
          .map((entry) => entry.id)
        assert.deepEqual(find(segment, hash), expected)
        assert.deepEqual(find(again, hash), expected)
      }
    }),
  )
})

test('takes no id that is too far from its first one', () => {
  const segment = createSegment(10, 7)
  segment.add(1, 7)
  assert.deepEqual([segment.takes(7 + 2 ** 32 - 3), segment.takes(7 + 2 ** 32 - 2)], [true, false])
  segment.add(1, 7 + 2 ** 32 - 3)
  assert.deepEqual(find(segment, 1), [7, 7 + 2 ** 32 - 3])
})
