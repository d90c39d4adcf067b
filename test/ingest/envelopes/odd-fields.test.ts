import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createOddFieldLog } from '../../../src/ingest/envelopes/odd-fields.ts'

const odd = { envelope: 'canonical', field: 'participant.ani', found: 'number' } as const

function create() {
  const lines: object[] = []
  return { lines, log: createOddFieldLog({ warn: (fields) => lines.push(fields) }) }
}

test('a field is logged once and counted every time', () => {
  const { lines, log } = create()
  log.note([odd, odd])
  log.note([odd, { ...odd, envelope: 'mapped' }])
  assert.deepEqual(lines, [
    { code: 'odd_field', ...odd },
    { code: 'odd_field', ...odd, envelope: 'mapped' },
  ])
  assert.deepEqual(log.counts(), [
    { envelope: 'canonical', field: 'participant.ani', count: 3 },
    { envelope: 'mapped', field: 'participant.ani', count: 1 },
  ])
})

test('an unfilled template in a field that was odd before is logged too, because its remedy differs', () => {
  const { lines, log } = create()
  log.note([odd, { ...odd, found: 'template' }, { ...odd, found: 'template' }])
  assert.deepEqual(
    lines.map((line) => (line as { found: string }).found),
    ['number', 'template'],
  )
})

test('the line names the request, and at most five of its events', () => {
  const { lines, log } = create()
  const events = Array.from({ length: 9 }, (_, index) => `id:e${index}`)
  log.note([odd], { requestId: 'request-1', events })
  assert.deepEqual(lines, [{ code: 'odd_field', ...odd, reqId: 'request-1', events: events.slice(0, 5) }])
})
