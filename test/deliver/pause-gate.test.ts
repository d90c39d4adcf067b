import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPauseGate } from '../../src/deliver/pause-gate.ts'

test('a new gate is open', () => {
  const gate = createPauseGate()
  assert.deepEqual([gate.isOpen(0), gate.pausedUntil(0)], [true, undefined])
})

test('it is closed until the given time and open from then on', () => {
  const gate = createPauseGate()
  gate.pauseUntil(100)
  assert.deepEqual([gate.isOpen(99), gate.pausedUntil(99)], [false, 100])
  assert.deepEqual([gate.isOpen(100), gate.pausedUntil(100)], [true, undefined])
})

test('the latest wish wins, and nothing opens it early', () => {
  const gate = createPauseGate()
  gate.pauseUntil(100)
  gate.pauseUntil(50)
  assert.equal(gate.pausedUntil(60), 100)
  gate.pauseUntil(150)
  assert.equal(gate.pausedUntil(60), 150)
})
