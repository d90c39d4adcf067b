import assert from 'node:assert/strict'
import { test } from 'node:test'
import { maxPauseMs } from '../../src/timing/backoff.ts'
import { type CircuitBreaker, createCircuitBreaker } from '../../src/timing/circuit-breaker.ts'

const all = 10
const shortest = () => createCircuitBreaker({ keysToOpen: 2, random: () => 0 })

function fail(circuit: CircuitBreaker, times: number, now: number): void {
  for (let n = 0; n < times; n += 1) circuit.failed(now, n % 2 === 0 ? 'p0' : 'p1')
}

test('a closed circuit limits nothing', () => {
  const circuit = shortest()
  assert.deepEqual([circuit.limit(0, all), circuit.open()], [all, undefined])
})

test('the circuit opens after 5 consecutive failures, not earlier', () => {
  const circuit = shortest()
  fail(circuit, 4, 0)
  assert.deepEqual([circuit.limit(0, all), circuit.open()], [all, undefined])
  circuit.failed(0, 'p0')
  assert.deepEqual(circuit.open(), { reason: 'api_unavailable', since: 0, probeAt: 500 })
  assert.equal(circuit.limit(0, all), 0)
})

test('failed probes do not change since when the circuit is open', () => {
  const circuit = shortest()
  circuit.refused(100)
  circuit.refused(700)
  assert.equal(circuit.open()?.since, 100)
})

test('a success resets the count', () => {
  const circuit = shortest()
  fail(circuit, 4, 0)
  circuit.succeeded()
  fail(circuit, 4, 0)
  assert.equal(circuit.open(), undefined)
})

test('refused credentials open the circuit at once', () => {
  const circuit = shortest()
  circuit.refused(0)
  assert.deepEqual(circuit.open(), { reason: 'credentials_refused', since: 0, probeAt: 500 })
})

test('an open circuit allows one probe, and its success closes the circuit', () => {
  const circuit = shortest()
  fail(circuit, 5, 0)
  assert.deepEqual([circuit.limit(499, all), circuit.limit(500, all)], [0, 1])
  circuit.succeeded()
  assert.deepEqual([circuit.limit(500, all), circuit.open()], [all, undefined])
  fail(circuit, 4, 500)
  assert.equal(circuit.open(), undefined)
})

test('a failed probe opens the circuit again, for longer each time, up to 30 s', () => {
  for (const [random, factor] of [
    [() => 0, 0.5],
    [() => 1 - Number.EPSILON, 1],
  ] as const) {
    const circuit = createCircuitBreaker({ keysToOpen: 2, random })
    fail(circuit, 5, 0)
    const waits: number[] = []
    let now = 0
    for (let n = 0; n < 8; n += 1) {
      const probeAt = circuit.open()?.probeAt ?? Number.NaN
      waits.push((probeAt - now) / factor)
      now = probeAt
      circuit.failed(now, 'p0')
    }
    assert.deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
  }
})

test('concurrent calls that fail together open the circuit once', () => {
  const circuit = shortest()
  fail(circuit, 10, 0)
  assert.equal(circuit.open()?.probeAt, 500)
  fail(circuit, 10, 499)
  assert.equal(circuit.open()?.probeAt, 500)
})

test('a success resets the waits', () => {
  const circuit = shortest()
  fail(circuit, 5, 0)
  circuit.failed(500, 'p0')
  circuit.failed(1_500, 'p0')
  circuit.succeeded()
  fail(circuit, 5, 10_000)
  assert.equal(circuit.open()?.probeAt, 10_500)
})

test('repeated failures of one key do not open the circuit if it takes two', () => {
  const circuit = shortest()
  for (let n = 0; n < 100; n += 1) circuit.failed(n, 'poison')
  assert.equal(circuit.open(), undefined)
  circuit.failed(100, 'another')
  assert.equal(circuit.open()?.reason, 'api_unavailable')
})

test('the breaker reports that the last calls all failed, for one or several keys', () => {
  const circuit = shortest()
  for (let n = 0; n < 4; n += 1) circuit.failed(n, 'p0')
  assert.equal(circuit.isFailing(), false)
  circuit.failed(4, 'p0')
  assert.equal(circuit.isFailing(), true)
  circuit.succeeded()
  assert.equal(circuit.isFailing(), false)
})

test('the probe is due no earlier than the latest Retry-After of the failures', () => {
  const circuit = shortest()
  circuit.failed(0, 'p0', 3_000)
  fail(circuit, 4, 0)
  assert.equal(circuit.open()?.probeAt, 3_000)
  circuit.failed(100, 'p1', 7_000) // was under way when the circuit opened
  assert.equal(circuit.open()?.probeAt, 7_100)
  circuit.failed(200, 'p2', 1_000)
  assert.equal(circuit.open()?.probeAt, 7_100)
})

test('after a failed probe with a short Retry-After the backoff still applies', () => {
  const circuit = shortest()
  fail(circuit, 5, 0)
  circuit.failed(500, 'p0', 100)
  assert.equal(circuit.open()?.probeAt, 1_500)
  circuit.failed(1_500, 'p0', 60_000)
  assert.equal(circuit.open()?.probeAt, 61_500)
})

test('a Retry-After delays the probe for an hour at most, and a success clears it', () => {
  const circuit = shortest()
  fail(circuit, 4, 0)
  circuit.failed(0, 'p0', 1e12)
  assert.equal(circuit.open()?.probeAt, maxPauseMs)
  circuit.succeeded()
  fail(circuit, 5, 1_000)
  assert.equal(circuit.open()?.probeAt, 1_500)
})
