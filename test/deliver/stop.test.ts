import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../simulator/harness.ts'
import { holdCalls, setting, setUp } from './harness.ts'

const gold = { tier: 'gold' }

test('stop lets calls in flight finish and starts no new work', async (t) => {
  const { held, call } = holdCalls()
  const { dispatcher, accept, patches, attributesOf, inbox, reports } = await setUp(t, {
    call,
    maxInFlight: 1,
  })
  dispatcher.start()
  await accept(setting('e1', gold), setting('e2', gold, { participantId: 'p2' }))
  await until(() => held.arrived === 1)
  let stopped = false
  const stopping = dispatcher.stop(60_000).then(() => {
    stopped = true
  })
  await accept(setting('e3', gold, { participantId: 'p3' }))
  assert.equal(stopped, false)
  held.release()
  await stopping
  assert.deepEqual([patches().length, reports.length, attributesOf('p1')], [1, 1, gold])
  const { pending, inFlight } = await inbox.stats()
  assert.deepEqual([pending, inFlight], [2, 0])
})

test('calls that outlast the grace period are aborted, and their events stay pending without a recorded attempt', async (t) => {
  const { dispatcher, accept, simulator, inbox, reports, attributesOf } = await setUp(t, {
    simulator: { latencyMs: 600_000 },
    requestTimeoutMs: 60_000,
  })
  dispatcher.start()
  await accept(setting('e1', gold))
  await until(() => attributesOf('p1')?.tier === 'gold') // it took effect, but is not answered
  const start = performance.now()
  await dispatcher.stop(50)
  assert.ok(performance.now() - start < 30_000)
  await until(() => simulator.calls().at(-1)?.disconnected === true)
  assert.deepEqual(reports, [])
  assert.equal((await inbox.stats()).pending, 1)
})

test('stop waits for a failing inbox only for the grace period', async (t) => {
  let attempts = 0
  const { dispatcher, accept, inbox } = await setUp(t, {
    inbox: (inbox) => ({
      ...inbox,
      settle: async () => {
        attempts += 1
        throw new Error('disk full')
      },
    }),
  })
  dispatcher.start()
  await accept(setting('e1', gold))
  await until(() => attempts === 1)
  await dispatcher.stop(50)
  assert.equal((await inbox.stats()).pending, 1)
})

test('stop does not wait for the rate window', async (t) => {
  const { dispatcher, accept, settled, inbox } = await setUp(t, { simulator: { rateLimit: 1 } })
  dispatcher.start()
  await accept(setting('e1', gold), setting('e2', gold, { participantId: 'p2' }))
  await settled(1)
  const start = performance.now()
  await dispatcher.stop(60_000)
  assert.ok(performance.now() - start < 30_000)
  assert.equal((await inbox.stats()).pending, 1)
})

test('stop is idempotent, and works before start', async (t) => {
  const { dispatcher, accept, patches, inbox } = await setUp(t)
  const [first, second] = [dispatcher.stop(1_000), dispatcher.stop(1_000)]
  assert.equal(first, second)
  await first
  dispatcher.start()
  await accept(setting('e1', gold))
  assert.deepEqual([patches().length, (await inbox.stats()).pending], [0, 1])
})
