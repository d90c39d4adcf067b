import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Limiter } from '../../src/deliver/limiter.ts'
import { until } from '../simulator/harness.ts'
import { setting, setUp } from './harness.ts'

const never = new Promise<never>(() => undefined)

/** A limiter that loses every job until it was rebuilt `times` times. */
const losing = (times: number) => {
  let rebuilds = 0
  return {
    rebuilds: () => rebuilds,
    limiter: (limiter: Limiter): Limiter => ({
      ...limiter,
      run: (job) => (rebuilds < times ? never : limiter.run(job)),
      rebuild: () => {
        rebuilds += 1
        limiter.rebuild()
      },
      stop: async () => undefined, // the lost jobs never end
    }),
  }
}

test('a limiter that lost a job is rebuilt, and the event is delivered', async (t) => {
  const { limiter, rebuilds } = losing(1)
  const { dispatcher, accept, settled, advance, log } = await setUp(t, { limiter, watchdogMs: 1_000 })
  dispatcher.start()
  await accept(setting('e1', { tier: 'gold' }))
  advance(500)
  assert.equal(rebuilds(), 0)
  advance(1_000)
  assert.deepEqual(await settled(1), { e1: 'applied' })
  assert.equal(rebuilds(), 1)
  assert.deepEqual(log, ['delivery_stuck'])
  assert.equal(dispatcher.state().wedged, false)
})

test('if the rebuild does not help, delivery reports that it is wedged until it makes progress', async (t) => {
  const { limiter, rebuilds } = losing(3)
  const { dispatcher, accept, settled, advance } = await setUp(t, { limiter, watchdogMs: 1_000 })
  dispatcher.start()
  await accept(setting('e1', { tier: 'gold' }))
  advance(1_000)
  await until(() => rebuilds() === 1)
  assert.equal(dispatcher.state().wedged, false)
  advance(1_000)
  assert.equal(dispatcher.state().wedged, true)
  advance(1_000) // it is tried again all the same
  assert.deepEqual(await settled(1), { e1: 'applied' })
  assert.deepEqual([rebuilds(), dispatcher.state().wedged], [3, false])
})

test('waiting for the rate window or a pause does not count as stuck', async (t) => {
  const { dispatcher, simulator, accept, advance, log } = await setUp(t, { watchdogMs: 1_000 })
  simulator.addFault({ match: { method: 'PATCH' }, status: 429, headers: { 'Retry-After': '60' } })
  dispatcher.start()
  await accept(setting('e1', { tier: 'gold' }))
  await until(() => dispatcher.state().state === 'paused')
  for (let seconds = 0; seconds < 50; seconds += 5) advance(5_000)
  assert.deepEqual(log, ['rate_limited'])
})
