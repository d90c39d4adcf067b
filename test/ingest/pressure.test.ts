import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createPressure } from '../../src/ingest/pressure.ts'
import { captureLog } from '../helpers/log.ts'

const mebibyte = 1024 * 1024

/** A pressure whose clock and timer are the test's. */
function setUp(t: TestContext, maxBodyBytes = mebibyte) {
  let now = 0
  const log = captureLog()
  const pressure = createPressure({ maxBodyBytes, log: log.logger, monotonic: () => now })
  t.mock.timers.enable({ apis: ['setTimeout'] })
  pressure.start()
  /** Turns of the event loop that last so long. */
  const turns = (count: number, ms: number) => {
    for (let turn = 0; turn < count; turn += 1) {
      now += ms
      t.mock.timers.tick(ms)
    }
  }
  return { pressure, log, turns }
}

test('there is room for 32 MiB of bodies, and again for what was released', (t) => {
  const { pressure } = setUp(t)
  for (let body = 0; body < 31; body += 1) assert.ok(pressure.hold(mebibyte))
  assert.ok(!pressure.hold(mebibyte))
  assert.ok(pressure.hold(800_000), 'a smaller one still has room')
  assert.ok(pressure.status().heldBytes <= pressure.status().maxHeldBytes)
  pressure.release(mebibyte)
  assert.ok(pressure.hold(mebibyte))
  assert.equal(pressure.status().refused.memory, 1)
})

test('requests without a body take room too', (t) => {
  const { pressure } = setUp(t)
  let count = 0
  while (pressure.hold(0)) count += 1
  assert.equal(count, 8_192)
  for (let body = 0; body < count; body += 1) pressure.release(0)
  assert.equal(pressure.status().heldBytes, 0)
})

test('there is always room for some of the largest bodies that are allowed', (t) => {
  const { pressure } = setUp(t, 100 * mebibyte)
  for (let body = 0; body < 3; body += 1) assert.ok(pressure.hold(100 * mebibyte))
})

test('what is announced as longer than allowed counts as the longest, which is where it is cut', (t) => {
  const { pressure } = setUp(t)
  assert.ok(pressure.hold(Number.POSITIVE_INFINITY))
  const { heldBytes } = pressure.status()
  assert.ok(heldBytes < 2 * mebibyte)
  pressure.shrink(Number.POSITIVE_INFINITY, 10)
  assert.equal(pressure.status().heldBytes, heldBytes - mebibyte + 10)
  pressure.release(10)
  assert.equal(pressure.status().heldBytes, 0)
})

test('turns of more than a second, one after the other, let nothing more begin; a pause of a minute does not', (t) => {
  const { pressure, turns } = setUp(t)
  turns(1, 60_000)
  turns(5, 100)
  assert.ok(pressure.mayBegin())
  turns(3, 1_200)
  assert.ok(!pressure.mayBegin())
  assert.equal(pressure.status().cause, 'event_loop')
  turns(9, 100)
  assert.ok(!pressure.mayBegin(), 'not at once')
  turns(1, 100)
  assert.ok(pressure.mayBegin())
  assert.deepEqual(pressure.status().refused, { event_loop: 2, memory: 0 })
})

test('the log hears of an overload once, and when it is over', (t) => {
  const { pressure, log, turns } = setUp(t)
  turns(5, 1_200)
  for (let count = 0; count < 50; count += 1) pressure.mayBegin()
  turns(20, 100)
  assert.deepEqual(
    log.entries().map(({ level, code, cause, msg }) => [level, code, cause, msg]),
    [
      ['warn', 'overloaded', 'event_loop', 'overloaded: senders are asked to come back'],
      ['info', undefined, undefined, 'no longer overloaded'],
    ],
  )
})

test('who finds no room is told as an overload for the second after', (t) => {
  const { pressure, turns } = setUp(t)
  while (pressure.hold(mebibyte));
  turns(1, 100)
  assert.equal(pressure.status().cause, 'memory')
  assert.ok(pressure.mayBegin(), 'smaller ones may fit')
  turns(10, 100)
  assert.equal(pressure.status().cause, undefined)
})

test('stopped, it leaves no timer behind', (t) => {
  const { pressure, turns } = setUp(t)
  pressure.stop()
  pressure.stop()
  turns(5, 2_000)
  assert.equal(pressure.status().cause, undefined)
})
