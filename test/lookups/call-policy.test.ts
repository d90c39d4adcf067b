import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createCallPolicy, waitingPerCall } from '../../src/lookups/call-policy.ts'

/** With a mocked wall clock. */
function setUp(t: TestContext, { concurrency = 2, random = (): number => 1 } = {}) {
  t.mock.timers.enable({ apis: ['Date'], now: 1_770_000_000_000 })
  const states: string[] = []
  const policy = createCallPolicy({ concurrency, random, onBreaker: (state) => states.push(state) })
  let calls = 0
  const run = async (broken: boolean) => {
    const outcome = await policy.run(async () => {
      calls += 1
      return { kind: 'called', broken } as const
    })
    return outcome.kind === 'refused' ? outcome.cause : outcome.kind
  }
  return { policy, states, run, calls: () => calls, tick: (ms: number) => t.mock.timers.tick(ms) }
}

test('five failures in a row open the breaker, which refuses calls', async (t) => {
  const { run, calls, policy, states } = setUp(t)
  for (const broken of [true, true, true, true, false, true, true, true, true]) await run(broken)
  assert.equal(policy.breaker(), 'closed')
  await run(true)
  assert.equal(policy.breaker(), 'open')
  assert.equal(await run(false), 'breaker_open')
  assert.equal(calls(), 10)
  assert.deepEqual(states, ['open'])
})

test('single calls probe the API, first after a second, then at growing intervals', async (t) => {
  const { run, calls, tick, states } = setUp(t)
  for (let n = 0; n < 5; n += 1) await run(true)
  for (const waitMs of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
    tick(waitMs - 1)
    assert.equal(await run(true), 'breaker_open', String(waitMs))
    tick(1)
    const before = calls()
    assert.equal(await run(true), 'called', String(waitMs))
    assert.equal(calls(), before + 1)
  }
  tick(30_000)
  assert.equal(await run(false), 'called')
  assert.equal(await run(false), 'called')
  assert.deepEqual(states.slice(-2), ['half_open', 'closed'])
})

test('jitter shortens the wait by up to half', async (t) => {
  const { run, tick } = setUp(t, { random: () => 0 })
  for (let n = 0; n < 5; n += 1) await run(true)
  tick(499)
  assert.equal(await run(false), 'breaker_open')
  tick(1)
  assert.equal(await run(false), 'called')
})

test('calls beyond the concurrency wait, up to a limit', async (t) => {
  const { policy } = setUp(t, { concurrency: 2 })
  const release = Promise.withResolvers<void>()
  let underWay = 0
  let most = 0
  const call = async () => {
    underWay += 1
    most = Math.max(most, underWay)
    await release.promise
    underWay -= 1
    return { kind: 'called', broken: false } as const
  }
  const waiting = 2 * waitingPerCall
  const running = Array.from({ length: 2 + waiting }, () => policy.run(call))
  assert.deepEqual([policy.underWay(), policy.waiting()], [2, waiting])
  assert.deepEqual(await policy.run(call), { kind: 'refused', cause: 'queue_full' })
  release.resolve()
  for (const { kind } of await Promise.all(running)) assert.equal(kind, 'called')
  assert.equal(most, 2)
  assert.deepEqual([policy.underWay(), policy.waiting()], [0, 0])
})

test('waiting calls are refused when the breaker opens', async (t) => {
  const { policy } = setUp(t, { concurrency: 5 })
  const release = Promise.withResolvers<void>()
  let calls = 0
  const running = Array.from({ length: 50 }, () =>
    policy.run(async () => {
      calls += 1
      await release.promise
      return { kind: 'called', broken: true } as const
    }),
  )
  release.resolve()
  await Promise.all(running)
  // The calls under way, and at most as many that took their slots before the fifth failure.
  assert.ok(calls < 10, String(calls))
})
