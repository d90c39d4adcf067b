import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkSilence, type Silence } from '../../src/notifications/connection.ts'

const timing = { pingAfterMs: 40, deadAfterMs: 75 }
const judge = (silence: Omit<Silence, 'timing'>) => checkSilence({ ...silence, timing })

test('what was heard a moment ago is waited for', () => {
  assert.deepEqual(judge({ heardAt: 100, pingedAt: undefined, now: 100 }), { kind: 'wait', ms: 40 })
  assert.deepEqual(judge({ heardAt: 100, pingedAt: 90, now: 139 }), { kind: 'wait', ms: 1 })
})

test('a silence is met by one ping', () => {
  assert.deepEqual(judge({ heardAt: 100, pingedAt: undefined, now: 140 }), { kind: 'ping' })
  assert.deepEqual(judge({ heardAt: 100, pingedAt: 90, now: 150 }), { kind: 'ping' })
  assert.deepEqual(judge({ heardAt: 100, pingedAt: 140, now: 150 }), { kind: 'wait', ms: 25 })
})

test('a silence that outlasts it is death', () => {
  assert.deepEqual(judge({ heardAt: 100, pingedAt: 140, now: 175 }), { kind: 'dead' })
  assert.deepEqual(judge({ heardAt: 100, pingedAt: undefined, now: 1_000 }), { kind: 'dead' })
})
