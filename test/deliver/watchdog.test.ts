import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWatchdog } from '../../src/deliver/watchdog.ts'

test('waiting in vain: first a new limiter, then the end of hope', () => {
  const watchdog = createWatchdog({ patienceMs: 30, now: 0 })
  assert.deepEqual(
    [0, 29, 30, 59, 60, 89].map((now) => watchdog.check(now)),
    ['fine', 'fine', 'rebuild', 'fine', 'wedged', 'fine'],
  )
  assert.equal(watchdog.isWedged(), true)
})

test('progress takes everything back', () => {
  const watchdog = createWatchdog({ patienceMs: 30, now: 0 })
  watchdog.check(30)
  watchdog.progress(40)
  assert.deepEqual([watchdog.check(69), watchdog.check(70)], ['fine', 'rebuild'])
  watchdog.check(100)
  assert.equal(watchdog.isWedged(), true)
  watchdog.progress(110)
  assert.equal(watchdog.isWedged(), false)
})
