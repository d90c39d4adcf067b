import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { createLimiter, type JobResult } from '../../src/deliver/limiter.ts'
import { createRateBudget } from '../../src/deliver/rate-budget.ts'
import { createRateLimiter } from '../../src/simulator/rate-limiter.ts'
import { movingClock, steps } from '../helpers/moving-clock.ts'
import { setting, setUp } from './harness.ts'

/** A former bug stalled delivery for 30 s in 3 of 190 exhausted windows, so each test runs 300 windows. */
const windows = 300
const lateMs = 1_000

/** The longest time (ms) that the process could not run timers. A busy machine delays every call by it. */
function watchStalls(t: TestContext): () => number {
  let tickedAt = performance.now()
  let longestMs = 0
  const tick = () => {
    longestMs = Math.max(longestMs, performance.now() - tickedAt)
    tickedAt = performance.now()
  }
  const timer = setInterval(tick, 10)
  t.after(() => clearInterval(timer))
  return () => {
    tick()
    return longestMs
  }
}

const monotonic = () => Math.round(performance.timeOrigin + performance.now())

/**
 * Makes calls through its own limiter to a server with windows of a second, until `isOver`. Returns the longest time (ms)
 * that a job waited while the budget allowed its call.
 */
async function spendWindows(
  t: TestContext,
  phaseMs: number,
  isOver: () => boolean,
  onExhausted: () => void,
): Promise<number> {
  const budget = createRateBudget({ rateLimit: 300, rateWindowMs: 60_000, rateShare: 1 })
  const limiter = createLimiter({ budget, maxInFlight: 3, now: monotonic })
  const allowed = 3
  const token = {}
  const server = createRateLimiter({ allowed, windowMs: 1_000, phaseMs, startedAtMs: monotonic() })
  let startableSince: number | undefined
  let longestMs = 0
  const watch = setInterval(() => {
    const at = monotonic()
    startableSince = budget.availability(at).startable > 0 ? (startableSince ?? at) : undefined
    longestMs = Math.max(longestMs, at - (startableSince ?? at))
  }, 10)
  t.after(() => {
    clearInterval(watch)
    return limiter.stop()
  })
  while (!isOver()) {
    await limiter.run(async (): Promise<JobResult> => {
      startableSince = undefined
      const { count, resetSeconds } = server.count(token, 1, monotonic())
      return { kind: 'called', rate: { count, allowed, resetMs: resetSeconds * 1_000 } }
    })
    if (budget.availability(monotonic()).startable === 0) onExhausted()
  }
  return longestMs
}

describe('300 exhausted windows in real time', { concurrency: true }, () => {
  for (const [clock, make] of [
    ['a plain clock', () => monotonic],
    ['a clock that moves at every reading', () => movingClock(monotonic, steps(0, 3))],
  ] as const) {
    test(`without headers, ${clock}: each call starts in time, and no limiter is rebuilt`, async (t) => {
      const rateWindowMs = 30
      const longestStallMs = watchStalls(t)
      const calls: number[] = []
      const { dispatcher, accept, settled, log } = await setUp(t, {
        clock: make,
        budget: { rateLimit: 1, rateWindowMs },
        watchdogMs: 3_000,
        call: () => async () => {
          calls.push(performance.now())
          return { kind: 'ok', rate: 'none' }
        },
      })
      dispatcher.start()
      await accept(
        ...Array.from({ length: windows }, (_, n) =>
          setting(`e${n}`, { tier: 'gold' }, { participantId: `q${n}` }),
        ),
      )
      await settled(windows)
      const late = calls.slice(1).map((at, n) => at - (calls[n] ?? at) - rateWindowMs)
      assert.ok(Math.max(...late) < lateMs + longestStallMs(), `${Math.max(...late)} ms late`)
      assert.deepEqual([log, dispatcher.state().rebuilds], [[], 0])
    })
  }

  test('with headers and 100 limiters in parallel, no call waits that could start', async (t) => {
    const limiters = 100
    const longestStallMs = watchStalls(t)
    let exhausted = 0
    const start = performance.now()
    const isOver = () => exhausted >= windows || performance.now() - start > 30_000
    const longest = await Promise.all(
      Array.from({ length: limiters }, (_, n) =>
        spendWindows(t, Math.floor((n * 1_000) / limiters), isOver, () => {
          exhausted += 1
        }),
      ),
    )
    assert.ok(exhausted >= windows, `${exhausted} windows`)
    assert.ok(Math.max(...longest) < lateMs + longestStallMs(), `${Math.max(...longest)} ms late`)
  })
})
