import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWakeSignal } from '../../src/timing/wake-signal.ts'

test('a wait ends after its time, or with a wake', async () => {
  const signal = createWakeSignal()
  await signal.wait(1)
  const waiting = signal.wait(Number.POSITIVE_INFINITY)
  signal.wake()
  await waiting
})

test('wakes before a wait end that wait, but not the next one', async () => {
  const signal = createWakeSignal()
  signal.wake()
  signal.wake()
  await signal.wait(600_000)
  let over = false
  const second = signal.wait(600_000).then(() => {
    over = true
  })
  await new Promise(setImmediate)
  assert.equal(over, false)
  signal.wake()
  await second
})
