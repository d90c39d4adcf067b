import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLimiter, type JobResult } from '../../src/deliver/limiter.ts'
import { createRateBudget, type RateBudget } from '../../src/deliver/rate-budget.ts'
import type { RateHeaders } from '../../src/genesys/classify.ts'
import { until } from '../simulator/harness.ts'

const unused = async (): Promise<JobResult> => ({ kind: 'unused' })

const answering = (rate: RateHeaders) => async (): Promise<JobResult> => ({ kind: 'called', rate })

/** A limiter in real time, with an unknown window. */
function setUp(t: TestContext, { maxInFlight = 5 } = {}) {
  const budget = createRateBudget({ rateLimit: 300, rateWindowMs: 60_000, rateShare: 1 })
  const overruns: number[] = []
  const watched: RateBudget = {
    ...budget,
    start: (now) => {
      if (budget.remaining(now) < 1) overruns.push(budget.remaining(now))
      return budget.start(now)
    },
  }
  const limiter = createLimiter({ budget: watched, maxInFlight, now: Date.now })
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= limiter.stop()
    return stopping
  }
  t.after(stop)
  return { budget, overruns, limiter, stop }
}

const minute = 60_000

test('the number of concurrent jobs reaches maxInFlight and never exceeds it', async (t) => {
  const { limiter } = setUp(t, { maxInFlight: 3 })
  await limiter.run(answering({ count: 0, allowed: 300, resetMs: minute }))
  let underWay = 0
  let most = 0
  const gates = Array.from({ length: 9 }, () => Promise.withResolvers<void>())
  const jobs = gates.map((gate, index) =>
    limiter.run(async () => {
      underWay += 1
      most = Math.max(most, underWay)
      await gate.promise
      underWay -= 1
      return { kind: 'called', rate: { count: index, allowed: 300, resetMs: minute } }
    }),
  )
  await until(() => underWay === 3)
  await sleep(30) // time enough for a fourth, were it admitted
  for (const gate of gates) gate.resolve()
  assert.deepEqual(new Set(await Promise.all(jobs)), new Set(['done']))
  assert.equal(most, 3)
})

test('while the window is unknown, one job runs at a time', async (t) => {
  const { limiter, overruns } = setUp(t)
  let started = 0
  const first = Promise.withResolvers<JobResult>()
  const jobs = Array.from({ length: 5 }, () =>
    limiter.run(() => {
      started += 1
      return first.promise
    }),
  )
  await until(() => started > 0)
  await sleep(20) // time enough for the others, were they admitted
  assert.equal(started, 1)
  first.resolve({ kind: 'called', rate: { count: 1, allowed: 300, resetMs: minute } })
  await Promise.all(jobs)
  assert.deepEqual([started, overruns], [5, []])
})

/** A server that counts calls in one window; `spend` returns the calls of other programs beside each call. */
function server(allowed: number, spend: () => number = () => 0) {
  let count = 0
  let called = 0
  return {
    count: () => count,
    call: async (): Promise<JobResult> => {
      called += 1
      count += 1 + spend()
      const rate = { count, allowed, resetMs: minute }
      await sleep(called % 4)
      return { kind: 'called', rate }
    },
  }
}

test('the calls reach the allowed number and never exceed it', async (t) => {
  const { limiter, overruns, stop } = setUp(t)
  const { call, count } = server(40)
  const jobs = Array.from({ length: 60 }, () => limiter.run(call))
  await until(() => count() === 40)
  await sleep(30) // long enough for one more call
  assert.deepEqual([count(), overruns], [40, []])
  await stop()
  assert.equal((await Promise.all(jobs)).filter((result) => result === 'done').length, 40)
})

test('a job admitted just before a response used up the budget waits instead of exceeding it', async (t) => {
  const { overruns, limiter, stop } = setUp(t, { maxInFlight: 10 })
  let seed = 1
  const { call, count } = server(200, () => {
    seed = (seed * 75) % 65_537
    return seed % 3 === 0 ? 3 : 0
  })
  for (let n = 0; n < 200; n += 1) void limiter.run(call)
  await until(() => count() >= 190)
  await sleep(30)
  await stop()
  assert.deepEqual(overruns, [])
})

test("the limiter checks the budget again when the job starts, after Bottleneck's admission", async (t) => {
  const left = [1, 1, 0, 0] // at creation, at the request for a slot, at the start of the job, at the second request
  let started = 0
  const budget: RateBudget = {
    start: () => {
      started += 1
      return { ended: () => {}, cancelled: () => {} }
    },
    remaining: () => 1,
    forget: () => {},
    availability: (now) => ({ startable: left.shift() ?? 1, risesAt: now + 20 }),
    snapshot: () => ({
      allowed: 1,
      remaining: 1,
      own: 0,
      others: 0,
      reserved: 0,
      resetAt: undefined,
      assumed: true,
    }),
  }
  const limiter = createLimiter({ budget, maxInFlight: 5, now: Date.now })
  t.after(() => limiter.stop())
  let startedBefore: number | undefined
  const done = await limiter.run(async () => {
    startedBefore = left.length
    return { kind: 'unused' }
  })
  assert.deepEqual([done, started, startedBefore], ['done', 1, 0])
})

test('an unused slot is returned to the budget', async (t) => {
  const { limiter, budget } = setUp(t)
  await limiter.run(answering({ count: 1, allowed: 300, resetMs: minute }))
  const before = budget.remaining(Date.now())
  for (let n = 0; n < 20; n += 1) assert.equal(await limiter.run(unused), 'done')
  assert.equal(budget.remaining(Date.now()), before)
})

test('a slot can give its call back while it waits, and take one again', async (t) => {
  const { limiter, budget, overruns } = setUp(t, { maxInFlight: 2 })
  await limiter.run(answering({ count: 8, allowed: 10, resetMs: minute }))
  const gate = Promise.withResolvers<void>()
  const taken: boolean[] = []
  const waiting = limiter.run(async (slot) => {
    slot.giveBack()
    await gate.promise
    taken.push(slot.take())
    return { kind: 'unused' }
  })
  const left = () => budget.remaining(Date.now())
  await until(() => left() === 2)
  for (const count of [9, 10])
    assert.equal(await limiter.run(answering({ count, allowed: 10, resetMs: minute })), 'done')
  gate.resolve()
  await waiting
  assert.deepEqual([taken, left(), overruns], [[false], 0, []])
})

test('a waiting job is admitted when the window ends', async (t) => {
  const { limiter, overruns } = setUp(t)
  await limiter.run(answering({ count: 10, allowed: 10, resetMs: 300 }))
  const edge = Date.now() + 299
  let startedAt = 0
  await limiter.run(async () => {
    startedAt = Date.now()
    return { kind: 'called', rate: { count: 1, allowed: 10, resetMs: minute } }
  })
  assert.ok(startedAt >= edge, `${edge - startedAt} ms early`)
  assert.deepEqual(overruns, [])
})

test('a failing job rejects and returns its slot', async (t) => {
  const { limiter } = setUp(t, { maxInFlight: 1 })
  const failing = limiter.run(async () => {
    throw new RangeError('broken')
  })
  await assert.rejects(failing, RangeError)
  assert.equal(await limiter.run(unused), 'done')
})

test('stop drops waiting jobs, waits for running ones, and admits no more', async (t) => {
  const { limiter, stop } = setUp(t)
  const gate = Promise.withResolvers<JobResult>()
  let started = 0
  const running = limiter.run(() => {
    started += 1
    return gate.promise
  })
  await until(() => started === 1)
  const waiting = limiter.run(async () => {
    started += 1
    return { kind: 'unused' }
  })
  let stopped = false
  const stopping = stop().then(() => {
    stopped = true
  })
  assert.equal(await waiting, 'dropped')
  assert.equal(stopped, false)
  gate.resolve({ kind: 'called', rate: { count: 1, allowed: 300, resetMs: minute } })
  assert.equal(await running, 'done')
  await stopping
  assert.equal(await limiter.run(unused), 'dropped')
  assert.equal(started, 1)
})

test('a wall clock that is set back delays no job', async (t) => {
  const budget = createRateBudget({ rateLimit: 300, rateWindowMs: 60_000, rateShare: 1 })
  const limiter = createLimiter({ budget, maxInFlight: 5, now: () => Math.round(performance.now()) })
  t.after(() => limiter.stop())
  const running = Promise.withResolvers<void>()
  await limiter.run(answering({ count: 0, allowed: 300, resetMs: minute }))
  const started = Promise.withResolvers<void>()
  const underWay = limiter.run(() => {
    started.resolve()
    return running.promise.then(unused)
  })
  await started.promise
  const realNow = Date.now
  let jumpMs = 0
  t.mock.method(Date, 'now', () => realNow() + jumpMs)
  for (jumpMs of [-180_000, -360_000]) {
    const done = Promise.race([limiter.run(unused), sleep(5_000, 'held up', { ref: false })])
    assert.equal(await done, 'done', `${jumpMs} ms`)
  }
  running.resolve()
  assert.equal(await underWay, 'done')
})

test('a wall clock that is set back while a job waits for the budget does not delay it', async (t) => {
  const budget = createRateBudget({ rateLimit: 1, rateWindowMs: 300, rateShare: 1 })
  const limiter = createLimiter({ budget, maxInFlight: 5, now: () => Math.round(performance.now()) })
  t.after(() => limiter.stop())
  const call = async (): Promise<JobResult> => ({ kind: 'called', rate: 'none' })
  await limiter.run(call)
  const waiting = limiter.run(call)
  await sleep(20) // it is in Bottleneck's queue
  const realNow = Date.now
  t.mock.method(Date, 'now', () => realNow() - 180_000)
  assert.equal(await Promise.race([waiting, sleep(5_000, 'held up', { ref: false })]), 'done')
})

test('regression: stop did not wait for jobs under way when the wall clock was set back', async (t) => {
  const { limiter, stop } = setUp(t)
  await limiter.run(answering({ count: 0, allowed: 300, resetMs: minute }))
  const gate = Promise.withResolvers<void>()
  const started = Promise.withResolvers<void>()
  const events: string[] = []
  const underWay = limiter.run(async () => {
    started.resolve()
    await gate.promise
    events.push('job done')
    return { kind: 'unused' }
  })
  await started.promise
  const realNow = Date.now
  t.mock.method(Date, 'now', () => realNow() - 180_000)
  await limiter.run(unused)
  const stopping = stop().then(() => events.push('stopped'))
  await sleep(30) // time enough for a stop that does not wait
  gate.resolve()
  await Promise.all([underWay, stopping])
  assert.deepEqual(events, ['job done', 'stopped'])
})

test('after a rebuild, stop does not wait for a job that hangs', async (t) => {
  const { limiter, stop } = setUp(t)
  await limiter.run(answering({ count: 0, allowed: 300, resetMs: minute }))
  const gate = Promise.withResolvers<JobResult>()
  const started = Promise.withResolvers<void>()
  const hanging = limiter.run(() => {
    started.resolve()
    return gate.promise
  })
  await started.promise
  limiter.rebuild()
  assert.equal(await limiter.run(unused), 'done')
  await stop()
  gate.resolve({ kind: 'unused' })
  assert.equal(await hanging, 'done')
})

test('stop is idempotent', async (t) => {
  const { limiter } = setUp(t)
  assert.equal(limiter.stop(), limiter.stop())
  await limiter.stop()
})
