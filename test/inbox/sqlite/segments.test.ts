import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createSegment, readSegments, type StoredSegment } from '../../../src/inbox/sqlite/segments.ts'

const inOrder = (entries: readonly (readonly [hash: number, id: number])[]) =>
  entries.toSorted(([a, x], [b, y]) => a - b || x - y)

test('readSegments returns all entries of all segments in ranges of rising hashes', () => {
  const hash = fc.oneof(fc.constantFrom(0, 1, 0xffff_ffff), fc.nat(0xffff_ffff))
  const rows = fc.array(fc.record({ hash, step: fc.integer({ min: 1, max: 1_000 }) }), { maxLength: 50 })
  fc.assert(
    fc.property(fc.array(rows, { maxLength: 4 }), fc.nat(2 ** 40), (segments, first) => {
      let id = first
      const expected: [number, number][] = []
      const stored = segments.map((made): StoredSegment => {
        const firstId = id + 1
        const segment = createSegment(made.length, firstId)
        for (const { hash, step } of made) {
          id += step
          assert.equal(segment.hasRoomFor(id), true)
          segment.add(hash, id)
          expected.push([hash, id])
        }
        assert.equal(segment.hasRoomFor(id + 1), false)
        assert.deepEqual(segment.entries(), segment.entries())
        return { firstId, entries: Buffer.from(segment.entries()) }
      })
      const read: [number, number][] = []
      readSegments(stored, (hash, id) => read.push([hash, id]))
      assert.deepEqual(inOrder(read), inOrder(expected))
      const ranges = read.map(([hash]) => hash >>> 22)
      assert.deepEqual(
        ranges,
        ranges.toSorted((a, b) => a - b),
      )
    }),
  )
})

test('a segment has no room for an id 2^32 or more above its first one', () => {
  const segment = createSegment(10, 7)
  segment.add(1, 7)
  assert.deepEqual([segment.hasRoomFor(7 + 2 ** 32 - 1), segment.hasRoomFor(7 + 2 ** 32)], [true, false])
  segment.add(1, 7 + 2 ** 32 - 1)
  const ids: number[] = []
  readSegments([{ firstId: 7, entries: Buffer.from(segment.entries()) }], (_, id) => ids.push(id))
  assert.deepEqual(ids, [7, 7 + 2 ** 32 - 1])
})
