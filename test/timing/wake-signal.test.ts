import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBell } from '../../src/timing/wake-signal.ts'

test('a wait ends by itself, or with a ring', async () => {
  const bell = createBell()
  await bell.wait(1)
  const waiting = bell.wait(Number.POSITIVE_INFINITY)
  bell.ring()
  await waiting
})

test('a ring before the wait is not lost, and is heard once', async () => {
  const bell = createBell()
  bell.ring()
  bell.ring()
  await bell.wait(600_000)
  let over = false
  const second = bell.wait(600_000).then(() => {
    over = true
  })
  await new Promise(setImmediate)
  assert.equal(over, false)
  bell.ring()
  await second
})
