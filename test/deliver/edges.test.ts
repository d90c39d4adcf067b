import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createPauseGate } from '../../src/deliver/pause-gate.ts'
import { type BudgetedCall, createRateBudget, type RateBudget } from '../../src/deliver/rate-budget.ts'
import { wakeTime } from '../../src/deliver/wake-time.ts'
import { createCircuitBreaker } from '../../src/timing/circuit-breaker.ts'
import { rounds } from '../helpers/rounds.ts'

/** At every instant a call may start, the next check has a known time, or a response is expected. */

const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

const step = fc.oneof(
  fc.record({ kind: fc.constant('wait'), ms: fc.oneof(fc.nat(5), fc.nat(2_000), fc.nat(90_000)) }),
  fc.record({ kind: fc.constant('wait to the edge'), offMs: fc.integer({ min: -1, max: 1 }) }),
  fc.record({ kind: fc.constantFrom('start', 'cancel', 'lose', 'answer without headers') }),
  fc.record({
    kind: fc.constant('answer'),
    count: fc.nat(12),
    allowed: fc.constantFrom(1, 10, 60),
    resetSeconds: fc.nat(3),
  }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** Waits for `risesAt` repeatedly until a call may start. Returns the number of waits. */
function risesUntilStartable(budget: RateBudget, from: number): number {
  let at = from
  for (let rises = 0; rises < 20; rises += 1) {
    const { startable, risesAt } = budget.availability(at)
    if (startable > 0) return rises
    assert.ok(risesAt !== undefined && risesAt > at, `stalled at ${at}: ${startable}, ${risesAt}`)
    at = risesAt
  }
  return Number.POSITIVE_INFINITY
}

test('the budget allows a call, has a time when it will, or waits for a response', () => {
  const scenario = fc.record({
    rateLimit: fc.integer({ min: 1, max: 4 }),
    rateWindowMs: fc.constantFrom(30, 1_000, 60_000),
    rateShare: fc.constantFrom(0.01, 0.5, 1),
    steps: fc.array(step, { maxLength: 60, size: 'max' }),
  })
  const property = fc.property(scenario, ({ steps, ...options }) => {
    const budget = createRateBudget(options)
    const underWay: BudgetedCall[] = []
    let now = 1_000_000
    const check = (): void => {
      const { startable, risesAt } = budget.availability(now)
      assert.ok(risesAt === undefined || risesAt > now)
      assert.ok(startable > 0 || risesAt !== undefined || underWay.length > 0, `stalled at ${now}`)
      if (underWay.length === 0) assert.ok(risesUntilStartable(budget, now) <= 2)
    }
    const take = (one: Step): void => {
      if (one.kind === 'wait' && 'ms' in one) now += one.ms
      else if (one.kind === 'wait to the edge' && 'offMs' in one)
        now = Math.max(now, (budget.availability(now).risesAt ?? now) + one.offMs)
      else if (one.kind === 'start' && budget.availability(now).startable > 0)
        underWay.push(budget.start(now))
      else if (one.kind === 'cancel') underWay.shift()?.cancelled()
      else if (one.kind === 'lose') underWay.shift()?.ended(now, undefined)
      else if (one.kind === 'answer without headers') underWay.shift()?.ended(now, 'none')
      else if (one.kind === 'answer' && 'count' in one) {
        const { count, allowed, resetSeconds } = one
        underWay.shift()?.ended(now, { count, allowed, resetMs: resetSeconds * 1_000 })
      }
    }
    for (const one of steps) {
      take(one)
      check()
    }
  })
  fc.assert(property, { numRuns: rounds(300) })
})

test('regression: without headers the budget rose at a time that freed no call', () => {
  const budget = createRateBudget({ rateLimit: 1, rateWindowMs: 30, rateShare: 1 })
  // One call at a time until a response shows whether the API has headers: three calls start within the window of one.
  for (const [start, end, rate] of [
    [0, 1, undefined],
    [2, 3, undefined],
    [4, 5, 'none'],
  ] as const)
    budget.start(start).ended(end, rate)
  assert.deepEqual(budget.availability(5), { startable: 0, risesAt: 34 })
  assert.equal(budget.availability(34).startable, 1)
})

test('each of 300 exhausted windows with headers ends, checked every millisecond', () => {
  const budget = createRateBudget({ rateLimit: 300, rateWindowMs: 60_000, rateShare: 1 })
  let now = 5_000
  for (let window = 0; window < 300; window += 1) {
    const allowed = 3
    for (let count = 1; budget.availability(now).startable > 0; count += 1) {
      const call = budget.start(now)
      now += 1
      call.ended(now, { count, allowed, resetMs: 1_000 })
    }
    const exhaustedAt = now
    while (budget.availability(now).startable < 1) {
      const { risesAt } = budget.availability(now)
      assert.ok(risesAt !== undefined && risesAt > now, `window ${window}: stalled at ${now}`)
      now += 1
    }
    assert.ok(now - exhaustedAt <= 2_001, `window ${window}: waited ${now - exhaustedAt} ms`)
  }
})

test('a pause gate allows a call, or does so at the time that it returned', () => {
  const property = fc.property(
    fc.nat(10_000),
    fc.nat(4_000_000),
    fraction,
    fc.nat(5_000),
    (now, ms, chance, later) => {
      const gate = createPauseGate(() => chance)
      gate.pause(now + ms, now)
      const at = now + later
      const until = gate.pauseEnd(at)
      assert.equal(gate.limit(at, 10) > 0, until === undefined)
      assert.ok(until === undefined || (until > at && gate.limit(until, 10) > 0))
    },
  )
  fc.assert(property)
})

test('a circuit breaker allows a call, or allows a probe at the time that it returned', () => {
  const failures = fc.array(fc.record({ afterMs: fc.nat(3_000), retryAfterMs: fc.nat(90_000) }), {
    maxLength: 30,
  })
  const property = fc.property(failures, fraction, (failures, chance) => {
    const circuit = createCircuitBreaker({ keysToOpen: 2, random: () => chance })
    let now = 0
    for (const [n, { afterMs, retryAfterMs }] of failures.entries()) {
      now += afterMs
      circuit.failed(now, `p${n}`, retryAfterMs)
      const probeAt = circuit.open()?.probeAt
      if (circuit.limit(now, 10) === 0) assert.ok(probeAt !== undefined && probeAt > now)
      if (probeAt !== undefined) assert.equal(circuit.limit(probeAt, 10), 1)
    }
  })
  fc.assert(property)
})

test("the dispatcher's wake time is after now, and not after the next due time or the poll", () => {
  const time = fc.option(fc.nat(20_000), { nil: undefined })
  const property = fc.property(fc.nat(20_000), time, time, time, (at, pausedUntil, probeAt, dueAt) => {
    const wake = wakeTime({ at, pausedUntil, probeAt, dueAt })
    assert.ok(wake > at && wake <= at + 5_000)
    for (const time of [pausedUntil, probeAt]) if (time !== undefined && time > at) assert.ok(wake <= time)
    if (dueAt !== undefined) assert.ok(wake <= Math.max(dueAt, at + 1))
  })
  fc.assert(property)
})
