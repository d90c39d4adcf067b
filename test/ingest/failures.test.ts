import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFailures } from '../../src/ingest/failures.ts'

function setUp(options: { maxFailures?: number; maxSenders?: number } = {}) {
  let now = 5_000
  const failures = createFailures({ maxFailures: 2, windowMs: 10_000, ...options, monotonic: () => now })
  return {
    failed: failures.failed,
    later: (ms: number) => {
      now += ms
    },
  }
}

const within = { kind: 'within', log: true }

test('over the limit, failures are too_many until the window ends, and only the first is logged', () => {
  const { failed, later } = setUp()
  assert.deepEqual([failed('192.0.2.1'), failed('192.0.2.1')], [within, within])
  later(1_500)
  assert.deepEqual(failed('192.0.2.1'), { kind: 'too_many', log: true, retryAfterSeconds: 9 })
  later(8_499)
  assert.deepEqual(failed('192.0.2.1'), { kind: 'too_many', log: false, retryAfterSeconds: 1 })
  later(1)
  assert.deepEqual(failed('192.0.2.1'), within)
})

test('each sender has its own count, and an IPv6 /64 network is one sender', () => {
  const { failed } = setUp()
  for (let count = 0; count < 3; count += 1) failed('192.0.2.1')
  assert.deepEqual(failed('192.0.2.2'), within)
  for (const address of ['2001:db8::1', '2001:db8::2']) failed(address)
  assert.equal(failed('2001:db8::3').kind, 'too_many')
  assert.equal(failed('2001:db8:0:1::3').kind, 'within')
})

test('at most maxSenders are kept, and the least recently seen one is dropped', () => {
  const { failed } = setUp({ maxSenders: 2 })
  for (let count = 0; count < 3; count += 1) failed('192.0.2.1')
  failed('192.0.2.2')
  assert.equal(failed('192.0.2.1').kind, 'too_many')
  failed('192.0.2.3')
  assert.equal(failed('192.0.2.1').kind, 'too_many')
  failed('192.0.2.4')
  failed('192.0.2.5')
  assert.deepEqual(failed('192.0.2.1'), within)
})

test('maxFailures 0 means no limit', () => {
  const { failed } = setUp({ maxFailures: 0 })
  for (let count = 0; count < 100; count += 1) assert.deepEqual(failed('192.0.2.1'), within)
})
