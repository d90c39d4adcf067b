import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCallLog } from '../../src/simulator/call-log.ts'

const end = { status: 202, authorized: true, applied: true, afterEnd: false, disconnected: false }

function patchStart(participantId: string, conversationId = 'c1') {
  return { at: 0, method: 'PATCH', path: '/', subject: { conversationId, participantId } }
}

test('calls are numbered in the order in which they ended', () => {
  const record = createCallLog()
  const endFirst = record.open(patchStart('first'))
  const endSecond = record.open(patchStart('second'))
  assert.deepEqual(record.list(), [])
  endSecond(end)
  endFirst(end)
  assert.deepEqual(
    record.list().map(({ seq, participantId }) => [seq, participantId]),
    [
      [1, 'second'],
      [2, 'first'],
    ],
  )
})

test('only overlapping PATCHes of one participant are counted', () => {
  const record = createCallLog()
  const ends = [
    record.open(patchStart('p1')),
    record.open(patchStart('p1')),
    record.open(patchStart('p2')),
    record.open(patchStart('p1', 'c2')),
    record.open({ ...patchStart('p1'), method: 'GET' }),
  ]
  for (const endCall of ends) endCall(end)
  record.open(patchStart('p1'))(end)
  const counts = record.list().map((call) => call.inFlightForParticipant)
  assert.deepEqual(counts, [1, 2, 1, 1, 0, 1])
})

test('only the newest calls are kept, and the cursor stays valid', () => {
  const record = createCallLog({ capacity: 3 })
  for (let n = 1; n <= 20; n += 1) {
    record.open(patchStart('p1'))(end)
    const kept = record.list().map((call) => call.seq)
    assert.deepEqual(
      kept,
      [n - 2, n - 1, n].filter((seq) => seq > 0),
    )
  }
  const after = (seq: number) => record.list(seq).map((call) => call.seq)
  assert.deepEqual(after(0), [18, 19, 20])
  assert.deepEqual(after(18), [19, 20])
  assert.deepEqual(after(20), [])
  assert.deepEqual(after(99), [])
})
