import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createPressure } from '../../src/ingest/pressure.ts'
import { captureLog } from '../helpers/log.ts'

const mebibyte = 1024 * 1024

/** Creates a pressure with a mock clock and timer. */
function setUp(t: TestContext, maxBodyBytes = mebibyte) {
  let now = 0
  const log = captureLog()
  const pressure = createPressure({ maxBodyBytes, log: log.logger, monotonic: () => now })
  t.mock.timers.enable({ apis: ['setTimeout'] })
  pressure.start()
  /** Simulates event loop turns of these durations. */
  const turns = (count: number, ms: number) => {
    for (let turn = 0; turn < count; turn += 1) {
      now += ms
      t.mock.timers.tick(ms)
    }
  }
  return { pressure, log, turns }
}

test('32 MiB of bodies fit, and released memory can be reused', (t) => {
  const { pressure } = setUp(t)
  for (let body = 0; body < 31; body += 1) assert.ok(pressure.hold(mebibyte))
  assert.ok(!pressure.hold(mebibyte))
  assert.ok(pressure.hold(800_000), 'a smaller one still fits')
  assert.ok(pressure.status().heldBytes <= pressure.status().maxHeldBytes)
  pressure.release(mebibyte)
  assert.ok(pressure.hold(mebibyte))
  assert.equal(pressure.status().refused.memory, 1)
})

test('requests without a body use memory too', (t) => {
  const { pressure } = setUp(t)
  let count = 0
  while (pressure.hold(0)) count += 1
  assert.equal(count, 8_192)
  for (let body = 0; body < count; body += 1) pressure.release(0)
  assert.equal(pressure.status().heldBytes, 0)
})

test('at least four bodies of MAX_BODY_BYTES always fit', (t) => {
  const { pressure } = setUp(t, 100 * mebibyte)
  for (let body = 0; body < 3; body += 1) assert.ok(pressure.hold(100 * mebibyte))
})

test('an announced length over MAX_BODY_BYTES counts as MAX_BODY_BYTES', (t) => {
  const { pressure } = setUp(t)
  assert.ok(pressure.hold(Number.POSITIVE_INFINITY))
  const { heldBytes } = pressure.status()
  assert.ok(heldBytes < 2 * mebibyte)
  pressure.shrink(Number.POSITIVE_INFINITY, 10)
  assert.equal(pressure.status().heldBytes, heldBytes - mebibyte + 10)
  pressure.release(10)
  assert.equal(pressure.status().heldBytes, 0)
})

test('consecutive turns over a second stop new requests; a single pause of a minute does not', (t) => {
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

test('the start and the end of an overload are logged once each', (t) => {
  const { pressure, log, turns } = setUp(t)
  turns(5, 1_200)
  for (let count = 0; count < 50; count += 1) pressure.mayBegin()
  turns(20, 100)
  assert.deepEqual(
    log.entries().map(({ level, code, cause, msg }) => [level, code, cause, msg]),
    [
      ['warn', 'overloaded', 'event_loop', 'overloaded, answering 503'],
      ['info', undefined, undefined, 'no longer overloaded'],
    ],
  )
})

test('a request refused for memory shows as overload for one second', (t) => {
  const { pressure, turns } = setUp(t)
  while (pressure.hold(mebibyte));
  turns(1, 100)
  assert.equal(pressure.status().cause, 'memory')
  assert.ok(pressure.mayBegin(), 'smaller ones may fit')
  turns(10, 100)
  assert.equal(pressure.status().cause, undefined)
})

test('stop releases the timer', (t) => {
  const { pressure, turns } = setUp(t)
  pressure.stop()
  pressure.stop()
  turns(5, 2_000)
  assert.equal(pressure.status().cause, undefined)
})
