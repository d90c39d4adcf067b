import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkSilence, type Silence } from '../../src/notifications/connection.ts'

const timing = { pingAfterMs: 40, deadAfterMs: 75 }
const check = (silence: Omit<Silence, 'timing'>) => checkSilence({ ...silence, timing })

test('a connection with a recent message waits', () => {
  assert.deepEqual(check({ heardAt: 100, pingedAt: undefined, now: 100 }), { kind: 'wait', ms: 40 })
  assert.deepEqual(check({ heardAt: 100, pingedAt: 90, now: 139 }), { kind: 'wait', ms: 1 })
})

test('a silent connection gets one ping', () => {
  assert.deepEqual(check({ heardAt: 100, pingedAt: undefined, now: 140 }), { kind: 'ping' })
  assert.deepEqual(check({ heardAt: 100, pingedAt: 90, now: 150 }), { kind: 'ping' })
  assert.deepEqual(check({ heardAt: 100, pingedAt: 140, now: 150 }), { kind: 'wait', ms: 25 })
})

test('a connection that stays silent after the ping is dead', () => {
  assert.deepEqual(check({ heardAt: 100, pingedAt: 140, now: 175 }), { kind: 'dead' })
  assert.deepEqual(check({ heardAt: 100, pingedAt: undefined, now: 1_000 }), { kind: 'dead' })
})
