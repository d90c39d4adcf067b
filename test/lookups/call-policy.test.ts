import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCallPolicy, maxWaitingPerSlot } from '../../src/lookups/call-policy.ts'

/** With a manual clock. */
function setUp({ concurrency = 2, random = (): number => 1 } = {}) {
  let now = 1_000
  const policy = createCallPolicy({ concurrency, monotonic: () => now, random })
  let calls = 0
  const run = async (broken: boolean | Promise<boolean>) => {
    const outcome = await policy(async () => {
      calls += 1
      return { kind: 'called', broken: await broken } as const
    })
    return outcome.kind === 'refused' ? outcome.cause : outcome.kind
  }
  return {
    run,
    calls: () => calls,
    tick: (ms: number) => {
      now += ms
    },
  }
}

test('five failures in a row open the breaker, which refuses calls', async () => {
  const { run, calls } = setUp()
  for (const broken of [true, true, true, true, false, true, true, true, true])
    assert.equal(await run(broken), 'called')
  assert.equal(await run(true), 'called')
  assert.equal(await run(false), 'breaker_open')
  assert.equal(calls(), 10)
})

test('single calls probe the API, first after a second, then at growing intervals', async () => {
  const { run, calls, tick } = setUp()
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
})

test('while a probe is under way, other calls wait for its result', async () => {
  const { run, calls, tick } = setUp({ concurrency: 5 })
  for (let n = 0; n < 5; n += 1) await run(true)
  for (const [broken, others] of [
    [true, 'breaker_open'],
    [false, 'called'],
  ] as const) {
    tick(30_000)
    const before = calls()
    const answer = Promise.withResolvers<boolean>()
    const running = [run(answer.promise), run(false), run(false)]
    await new Promise(setImmediate)
    assert.equal(calls(), before + 1)
    answer.resolve(broken)
    assert.deepEqual(await Promise.all(running), ['called', others, others])
  }
})

test('a call that began before the breaker opened does not change it', async () => {
  for (const late of [true, false]) {
    const { run, tick } = setUp({ concurrency: 5 })
    const answer = Promise.withResolvers<boolean>()
    const slow = run(answer.promise)
    for (let n = 0; n < 5; n += 1) await run(true)
    tick(999)
    answer.resolve(late)
    await slow
    assert.equal(await run(false), 'breaker_open')
    tick(1)
    assert.equal(await run(false), 'called')
  }
})

test('jitter shortens the wait by up to half', async () => {
  const { run, tick } = setUp({ random: () => 0 })
  for (let n = 0; n < 5; n += 1) await run(true)
  tick(499)
  assert.equal(await run(false), 'breaker_open')
  tick(1)
  assert.equal(await run(false), 'called')
})

test('calls beyond the concurrency wait, up to a limit', async () => {
  const policy = createCallPolicy({ concurrency: 2, monotonic: () => 0, random: () => 1 })
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
  const all = 2 + 2 * maxWaitingPerSlot
  // Twice, because the calls of the first round must free all slots.
  for (let round = 0; round < 2; round += 1) {
    const running = Array.from({ length: all }, () => policy(call))
    if (round === 0) assert.equal(underWay, 2)
    assert.deepEqual(await policy(call), { kind: 'refused', cause: 'queue_full' })
    release.resolve()
    for (const { kind } of await Promise.all(running)) assert.equal(kind, 'called')
    assert.deepEqual([underWay, most], [0, 2])
  }
})

test('waiting calls are refused when the breaker opens', async () => {
  const { run, calls } = setUp({ concurrency: 5 })
  const release = Promise.withResolvers<boolean>()
  const running = Array.from({ length: 50 }, () => run(release.promise))
  release.resolve(true)
  await Promise.all(running)
  // The calls under way, and at most as many that took their slots before the fifth failure.
  assert.ok(calls() < 10, String(calls()))
})
