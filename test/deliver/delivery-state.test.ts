import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCallControl } from '../../src/deliver/delivery-state.ts'

test('the line of a 429 mentions that its pause was cut, only if it was', () => {
  const lines: Readonly<Record<string, unknown>>[] = []
  const control = createCallControl({
    log: { warn: (fields) => lines.push(fields), error: () => assert.fail('no error') },
    defaultPauseMs: 1_000,
    random: () => 0,
  })
  const key = { conversationId: 'c', participantId: 'p' }
  control.apply({ kind: 'rate_limited', retryAfterMs: 5_000 }, key, 0)
  control.apply({ kind: 'rate_limited', retryAfterMs: 86_400_000 }, key, 0)
  assert.deepEqual(
    lines.map(({ code, clamped }) => [code, clamped]),
    [
      ['rate_limited', undefined],
      ['rate_limited', true],
    ],
  )
  assert.equal('clamped' in (lines[0] ?? {}), false)
})
