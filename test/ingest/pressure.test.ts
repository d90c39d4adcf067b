import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createOverload, createPressure } from '../../src/ingest/pressure.ts'
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

const create = () => createOverload({ maxLateMs: 1_000, lateTicks: 3, quietTicks: 4 })

/** The cause after each tick of [delay in ms, requests refused for memory]. */
function causes(...ticks: readonly (readonly [lateMs: number, withoutRoom?: number])[]) {
  const overload = create()
  return ticks.map(([lateMs, withoutRoom = 0]) => {
    overload.tick(lateMs, withoutRoom)
    return overload.cause()
  })
}

test('one long pause, or several with time between them, are not an overload', () => {
  assert.deepEqual(new Set(causes([0], [3_600_000], [0])), new Set([undefined]))
  assert.deepEqual(
    new Set(causes([5_000], [5_000], [10], [5_000], [5_000], [10], [5_000])),
    new Set([undefined]),
  )
})

test('consecutive late ticks are an overload until enough ticks are quiet', () => {
  assert.deepEqual(causes([1_001], [1_001], [1_001], [1_001], [0], [0], [0], [0]), [
    undefined,
    undefined,
    ...Array(5).fill('event_loop'),
    undefined,
  ])
})

test('a late tick restarts the count of quiet ticks', () => {
  const late = [[2_000], [2_000], [2_000]] as const
  assert.equal(causes(...late, [0], [0], [0], [2_000], [0], [0], [0]).at(-1), 'event_loop')
})

test('a tick delayed by exactly maxLateMs is not late', () => {
  assert.deepEqual(new Set(causes([1_000], [1_000], [1_000], [1_000])), new Set([undefined]))
})

test('a refusal for memory is an overload at once', () => {
  assert.deepEqual(causes([0, 2], [0], [0, 1], [0], [0], [0], [0]), [...Array(6).fill('memory'), undefined])
})

test('event_loop takes precedence over memory', () => {
  assert.equal(causes([2_000, 1], [2_000, 1], [2_000, 1]).at(-1), 'event_loop')
})
