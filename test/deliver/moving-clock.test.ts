import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { createLimiter, type JobResult } from '../../src/deliver/limiter.ts'
import { createRateBudget, type RateBudgetOptions, type RateReport } from '../../src/deliver/rate-budget.ts'
import { movingClock, steps } from '../helpers/moving-clock.ts'
import { rounds } from '../helpers/rounds.ts'
import { setting, setUp } from './harness.ts'

/** A clock that advances at every reading, so that time passes between any two readings of one decision. */

const monotonic = () => Math.round(performance.now())
const answering = (rate: RateReport) => async (): Promise<JobResult> => ({ kind: 'called', rate })

/** Far longer than a call, and shorter than the second after which the limiter checks the budget anyway. */
const tooLateMs = 900

function limiterWith(t: TestContext, now: () => number, options: Partial<RateBudgetOptions> = {}) {
  const budget = createRateBudget({ rateLimit: 1, rateWindowMs: 30, rateShare: 1, ...options })
  const limiter = createLimiter({ budget, maxInFlight: 5, now })
  t.after(() => limiter.stop())
  return limiter
}

for (const [what, rate, windowMs] of [
  ['without headers', 'none', 40],
  ['with headers', { count: 1, allowed: 1, resetMs: 0 }, 1_000],
] as const) {
  test(`regression: a window that ends during a check of the limiter stalls nothing (${what})`, async (t) => {
    // One of these offsets puts the end of the window between the two readings of the former limiter.
    const offsets = Array.from({ length: 40 }, (_, n) => n - 20)
    const admitted = offsets.map(async (offset) => {
      let at = 1_000_000
      let perReadingMs = 0
      const now = () => {
        at += perReadingMs
        return at
      }
      const limiter = limiterWith(t, now, { rateWindowMs: windowMs })
      await limiter.run(answering(rate))
      await sleep(5)
      perReadingMs = 1
      at = 1_000_000 + windowMs + offset
      const asked = performance.now()
      const end = Promise.race([limiter.run(answering(rate)), sleep(10_000, 'stalled', { ref: false })])
      assert.equal(await end, 'done', `offset ${offset}`)
      return performance.now() - asked
    })
    const slowest = Math.max(...(await Promise.all(admitted)))
    assert.ok(slowest < tooLateMs, `${slowest} ms`)
  })
}

test('in many short windows with a moving clock no job waits for the next periodic check', async (t) => {
  const scenario = fc.record({
    rateLimit: fc.integer({ min: 1, max: 3 }),
    rateWindowMs: fc.integer({ min: 5, max: 40 }),
    stepMs: fc.integer({ min: 0, max: 7 }),
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    jobs: fc.integer({ min: 1, max: 6 }),
  })
  const property = fc.asyncProperty(scenario, async ({ stepMs, seed, jobs, ...options }) => {
    const limiter = limiterWith(t, movingClock(monotonic, steps(0, stepMs, seed)), options)
    await limiter.run(answering('none'))
    for (let round = 0; round < 4; round += 1) {
      const start = performance.now()
      await Promise.all(Array.from({ length: jobs }, () => limiter.run(answering('none'))))
      const windows = Math.ceil(jobs / options.rateLimit) + 1
      const lateMs = performance.now() - start - windows * options.rateWindowMs
      assert.ok(lateMs < tooLateMs, `${lateMs} ms late`)
    }
    await limiter.stop()
  })
  await fc.assert(property, { numRuns: rounds(15) })
})

test('with a moving clock the dispatcher delivers through exhausted windows', async (t) => {
  const calls: number[] = []
  const { dispatcher, accept, settled, log } = await setUp(t, {
    clock: (now) => movingClock(now, steps(0, 3)),
    budget: { rateLimit: 2, rateWindowMs: 60 },
    call: () => async () => {
      calls.push(performance.now())
      return { kind: 'ok', rate: 'none' }
    },
  })
  dispatcher.start()
  await accept(
    ...Array.from({ length: 60 }, (_, n) => setting(`e${n}`, { tier: 'gold' }, { participantId: `q${n}` })),
  )
  await settled(60)
  const gaps = calls.slice(1).map((at, n) => at - (calls[n] ?? at))
  assert.ok(Math.max(...gaps) < tooLateMs, `${Math.max(...gaps)} ms between two calls`)
  assert.deepEqual([log, dispatcher.state().rebuilds], [[], 0])
})

test('with a moving clock the dispatcher continues after pauses and probes', async (t) => {
  let calls = 0
  const { dispatcher, accept, settled } = await setUp(t, {
    clock: (now) => movingClock(now, steps(0, 3)),
    budget: { rateLimit: 1_000 },
    call: () => async () => {
      calls += 1
      if (calls % 10 === 3) return { kind: 'rate_limited', retryAfterMs: 30, rate: 'none' }
      if (calls > 20 && calls <= 26) return { kind: 'unavailable', detail: '503', cause: '503', rate: 'none' }
      return { kind: 'ok', rate: 'none' }
    },
  })
  dispatcher.start()
  const start = performance.now()
  await accept(
    ...Array.from({ length: 30 }, (_, n) => setting(`e${n}`, { tier: 'gold' }, { participantId: `q${n}` })),
  )
  await settled(30)
  const tookMs = performance.now() - start
  assert.ok(tookMs < 6_000, `${tookMs} ms`) // about 3 pauses of 200 ms, a probe after 500 ms, retries
  assert.equal(dispatcher.state().rebuilds, 0)
})
