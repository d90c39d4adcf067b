import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWatchdog } from '../../src/deliver/watchdog.ts'

test('without progress the watchdog asks for a rebuild first, then reports wedged', () => {
  const watchdog = createWatchdog({ patienceMs: 30, startedAt: 0 })
  assert.deepEqual(
    [0, 29, 30, 59, 60, 89].map((now) => watchdog.check(now)),
    ['fine', 'fine', 'rebuild', 'fine', 'wedged', 'fine'],
  )
  assert.equal(watchdog.isWedged(), true)
})

test('progress resets the watchdog', () => {
  const watchdog = createWatchdog({ patienceMs: 30, startedAt: 0 })
  watchdog.check(30)
  watchdog.progress(40)
  assert.deepEqual([watchdog.check(69), watchdog.check(70)], ['fine', 'rebuild'])
  watchdog.check(100)
  assert.equal(watchdog.isWedged(), true)
  watchdog.progress(110)
  assert.equal(watchdog.isWedged(), false)
})
