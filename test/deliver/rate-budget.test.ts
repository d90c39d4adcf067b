import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRateBudget, type RateBudgetOptions } from '../../src/deliver/rate-budget.ts'

const minute = 60_000
const create = (options: Partial<RateBudgetOptions> = {}) =>
  createRateBudget({ rateLimit: 300, rateWindowMs: minute, rateShare: 1, ...options })

const headers = (count: number, { allowed = 300, resetMs = minute } = {}) => ({ count, allowed, resetMs })

/** A budget with a known window: `count` calls spent at time 0. */
function known(count: number, { rateShare = 1, ...rest }: { rateShare?: number; allowed?: number } = {}) {
  const budget = create({ rateShare })
  budget.start(0).ended(0, headers(count, rest))
  return budget
}

test('while the window is unknown, one call probes it and no other may start', () => {
  const budget = create()
  assert.deepEqual([budget.remaining(0), budget.availability(0).risesAt], [1, undefined])
  const probe = budget.start(0)
  assert.equal(budget.remaining(0), 0)
  probe.ended(100, headers(41))
  assert.equal(budget.remaining(100), 300 - 41 - 1)
})

test('a cancelled call returns its budget', () => {
  const budget = create()
  budget.start(0).cancelled()
  assert.equal(budget.remaining(0), 1)
  const second = known(0)
  const before = second.remaining(0)
  second.start(0).cancelled()
  assert.equal(second.remaining(0), before)
})

test('calls in flight count before the server reports them', () => {
  const budget = known(10)
  assert.equal(budget.remaining(0), 289)
  const calls = [budget.start(0), budget.start(0)]
  assert.equal(budget.remaining(0), 287)
  for (const [index, call] of calls.entries()) call.ended(0, headers(11 + index))
  assert.equal(budget.remaining(0), 287)
})

test('one call is reserved to probe the next window if the limit is large, none if it is small', () => {
  assert.equal(known(1, { allowed: 50 }).remaining(0), 48)
  assert.equal(known(1, { allowed: 49 }).remaining(0), 48)
})

test('responses out of order never raise the budget within a window', () => {
  const budget = known(10)
  const [first, second] = [budget.start(0), budget.start(0)]
  second.ended(20, headers(12))
  assert.equal(budget.remaining(20), 286) // the first may or may not be among the 12
  first.ended(30, headers(11))
  assert.equal(budget.remaining(30), 287)
})

test('calls of other programs with the same token reduce the budget', () => {
  const budget = known(10)
  budget.start(0).ended(0, headers(250))
  assert.equal(budget.remaining(0), 49)
  budget.start(0).ended(0, headers(400))
  assert.equal(budget.remaining(0), 0)
})

test('the allowed number can change with each response', () => {
  const budget = known(10)
  budget.start(0).ended(0, headers(11, { allowed: 180 }))
  assert.equal(budget.remaining(0), 168)
  assert.equal(budget.snapshot(0).allowed, 180)
})

test('near the end of the window the reserved call probes for the next one', () => {
  const budget = known(299)
  assert.deepEqual([budget.remaining(minute - 501), budget.availability(0).risesAt], [0, minute - 500])
  assert.equal(budget.remaining(minute - 500), 1)
  const probe = budget.start(minute)
  assert.equal(budget.remaining(minute), 0)
  probe.ended(minute + 10, headers(1))
  assert.equal(budget.remaining(minute + 10), 298)
})

test('after a reserved call counted in the old window, no call starts until that window is certainly over', () => {
  const budget = known(299)
  budget.start(minute - 500).ended(minute - 490, headers(300, { resetMs: 1_000 }))
  assert.deepEqual(
    [budget.remaining(minute + 900), budget.availability(minute + 950).risesAt],
    [0, minute + 1_000],
  )
  assert.equal(budget.remaining(minute + 1_000), 1)
})

test('a response from the next window starts it, also before the expected end of the old one', () => {
  const budget = known(299)
  const call = budget.start(minute - 950)
  call.ended(minute - 900, headers(1)) // the server rounds its reset up to whole seconds
  assert.equal(budget.remaining(minute - 900), 298)
})

test('late responses of an old window do not spend the new one', () => {
  const budget = known(100)
  const late = budget.start(minute - 50)
  const probe = budget.start(minute)
  probe.ended(minute + 10, headers(1))
  late.ended(minute + 20, headers(300, { resetMs: 1_000 }))
  assert.equal(budget.remaining(minute + 20), 298)
})

test('the responses of a window count even if the first one was slow', () => {
  const budget = create()
  budget.start(0).ended(8_000, headers(1)) // seems to end at 68 s
  budget.start(8_000).ended(8_010, headers(200, { resetMs: 52_000 }))
  assert.equal(budget.remaining(8_010), 99)
})

test('a response that arrives after the end of its window does not spend the next one', () => {
  const budget = known(100)
  const slow = budget.start(minute - 5_000)
  budget.start(minute).ended(minute + 10, headers(1))
  slow.ended(minute + 4_000, headers(101, { resetMs: 5_000 }))
  assert.equal(budget.remaining(minute + 4_000), 298)
})

test('a call without a response or without headers counts as spent', () => {
  const budget = known(10)
  budget.start(0).ended(0, undefined)
  assert.equal(budget.remaining(0), 288)
  budget.start(0).ended(0, 'none')
  assert.equal(budget.remaining(0), 287)
})

test('after a first call without a response the window stays unknown', () => {
  const budget = create()
  budget.start(0).ended(0, undefined)
  assert.equal(budget.remaining(0), 1)
})

test('this service spends only its share, whatever other programs leave', () => {
  const budget = known(1, { rateShare: 0.5 })
  assert.equal(budget.remaining(0), 149)
  const calls = Array.from({ length: 149 }, () => budget.start(0))
  assert.equal(budget.remaining(0), 0)
  for (const [index, call] of calls.entries()) call.ended(0, headers(2 + index))
  assert.equal(budget.remaining(0), 0)
  budget.start(minute).ended(minute, headers(1))
  assert.equal(budget.remaining(minute), 149)
})

test('calls of other programs do not reduce the share while enough calls remain', () => {
  const budget = known(120, { rateShare: 0.5 })
  assert.equal(budget.remaining(0), 149)
  budget.start(0).ended(0, headers(250))
  assert.equal(budget.remaining(0), 49)
})

test('a tiny share still allows one call', () => {
  const budget = known(0, { rateShare: 0.001, allowed: 100 })
  assert.equal(budget.remaining(minute + 999), 0)
  assert.equal(budget.remaining(minute + 1_000), 1)
})

test('if other programs spend too, only a few of the last calls may be in flight', () => {
  const budget = known(260)
  assert.deepEqual([budget.remaining(0), budget.availability(0).startable], [39, 10])
  budget.start(0)
  assert.equal(budget.availability(0).startable, 9)
  budget.start(0).ended(0, headers(298))
  assert.deepEqual([budget.remaining(0), budget.availability(0).startable], [0, 0])
  const alone = known(1)
  assert.equal(alone.availability(0).startable, alone.remaining(0))
})

test('without headers the configured limit applies to any period of the configured window', () => {
  const budget = create({ rateLimit: 3, rateWindowMs: 1_000 })
  budget.start(0).ended(5, 'none')
  assert.equal(budget.remaining(5), 2)
  budget.start(400).ended(410, 'none')
  budget.start(500).ended(510, 'none')
  assert.deepEqual([budget.remaining(510), budget.availability(510).risesAt], [0, 1_000])
  assert.deepEqual([budget.remaining(999), budget.remaining(1_000)], [0, 1])
  budget.start(1_000).cancelled()
  budget.start(1_000).ended(1_001, 'none')
  assert.deepEqual([budget.remaining(1_001), budget.availability(1_001).risesAt], [0, 1_400])
})

test('headers that appear later count from then on', () => {
  const budget = create({ rateLimit: 3, rateWindowMs: 1_000 })
  budget.start(0).ended(5, 'none')
  budget.start(10).ended(15, headers(100))
  assert.equal(budget.remaining(15), 199)
})

test('the snapshot has the limit, the remaining calls and the reset time', () => {
  const fresh = create({ rateShare: 0.5 })
  assert.deepEqual(fresh.snapshot(0), {
    allowed: 150,
    remaining: 150,
    own: 0,
    others: 0,
    reserved: 0,
    resetAt: undefined,
    assumed: true,
  })
  const budget = known(10)
  assert.deepEqual(budget.snapshot(0), {
    allowed: 300,
    remaining: 289,
    own: 1,
    others: 9,
    reserved: 1,
    resetAt: minute + 1_000,
    assumed: false,
  })
  assert.deepEqual(budget.snapshot(minute + 1_000), {
    allowed: 300,
    remaining: 300,
    own: 0,
    others: 0,
    reserved: 0,
    resetAt: undefined,
    assumed: false,
  })
})

test('the numbers of the snapshot add up, and a call without an answer is not one of another program', () => {
  const budget = known(1)
  const slow = budget.start(10)
  budget.start(20).ended(25, headers(3)) // counts the slow call too
  slow.ended(10_010, undefined)
  const { allowed, remaining, own, others, reserved } = budget.snapshot(10_010)
  assert.deepEqual({ own, others }, { own: 3, others: 0 })
  assert.equal(remaining + own + others + reserved, allowed)
})
