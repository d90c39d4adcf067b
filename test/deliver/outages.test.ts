import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../simulator/harness.ts'
import { holdCalls, setting, setUp, slowPollMs } from './harness.ts'

const patch = { match: { method: 'PATCH' } }
const gold = { tier: 'gold' }
const one = (participant: number) => setting(`e${participant}`, gold, { participantId: `p${participant}` })
const several = (count: number) => Array.from({ length: count }, (_, p) => one(p))
const applied = (count: number) =>
  Object.fromEntries(several(count).map(({ event }) => [event.identity, 'applied']))

test('after 5 consecutive failures all calls stop and the events stay pending', async (t) => {
  const { dispatcher, simulator, accept, patches, inbox, log, haltClock } = await setUp(t, { maxInFlight: 1 })
  simulator.addFault({ ...patch, status: 503, times: 100 })
  dispatcher.start()
  await accept(...several(8))
  await until(() => dispatcher.state().state === 'open')
  haltClock() // half a second is the shortest wait for the probe
  assert.equal(dispatcher.state().reason, 'api_unavailable')
  assert.equal(patches().length, 5)
  await sleep(50)
  assert.equal(patches().length, 5)
  const { pending, inFlight, dead } = await inbox.stats()
  assert.deepEqual([pending, inFlight, dead], [8, 0, 0])
  assert.deepEqual(log, ['api_unavailable'])
})

test('one successful probe resumes delivery', async (t) => {
  const { held, call } = holdCalls(5)
  const { dispatcher, simulator, accept, settled, patches, advance, log } = await setUp(t, { call })
  simulator.addFault({ ...patch, status: 503, times: 5 })
  dispatcher.start()
  await accept(...several(2))
  await until(() => dispatcher.state().state === 'open')
  await accept(...several(8))
  advance(500)
  await until(() => held.arrived === 1)
  await sleep(30) // time enough for others, were they let through
  assert.deepEqual([held.arrived, dispatcher.state().state], [1, 'open'])
  held.release()
  assert.deepEqual(await settled(8), applied(8))
  assert.equal(dispatcher.state().state, 'running')
  assert.deepEqual(log, ['api_unavailable', 'API available again, delivery continues'])
  assert.equal(patches().length, 5 + 8)
})

test('a failed probe keeps the circuit open for longer', async (t) => {
  const { dispatcher, simulator, accept, settled, patches, advance, now, haltClock } = await setUp(t, {
    maxInFlight: 1,
  })
  simulator.addFault({ ...patch, status: 503, times: 6 })
  dispatcher.start()
  await accept(...several(3))
  await until(() => patches().length === 5 && dispatcher.state().state === 'open')
  advance(500)
  await until(() => patches().length === 6)
  const goOn = haltClock()
  const failedAt = patches()[5]?.at ?? 0
  advance(failedAt + 900 - now())
  await sleep(30)
  assert.equal(patches().length, 6)
  goOn()
  advance(Math.max(failedAt + 1_100 - now(), 0))
  assert.deepEqual(await settled(3), applied(3))
})

test('a timer starts the probe without new events', async (t) => {
  const { dispatcher, simulator, accept, settled } = await setUp(t)
  simulator.addFault({ ...patch, status: 503, times: 5 })
  dispatcher.start()
  await accept(...several(2))
  await until(() => dispatcher.state().state === 'open')
  const start = performance.now()
  assert.deepEqual(await settled(2), applied(2))
  assert.ok(performance.now() - start < slowPollMs)
})

test('after one 401 the service gets a new token and applies the event', async (t) => {
  const { dispatcher, simulator, accept, settled, patches, reports } = await setUp(t)
  dispatcher.start()
  await accept(one(0))
  await settled(1)
  simulator.expireTokens()
  await accept(one(1), one(2))
  assert.deepEqual(await settled(3), applied(3))
  const statuses = patches().map(({ status }) => status)
  assert.equal(statuses.filter((status) => status === 202).length, 3)
  assert.ok(statuses.includes(401))
  assert.equal(simulator.calls().filter(({ path }) => path === '/oauth/token').length, 2)
  const failures = reports.flatMap(({ retry }) => (retry === undefined ? [] : [retry.failure]))
  assert.ok(failures.every(({ code, attempts }) => code === 'token_expired' && attempts === 1))
})

test('a 401 for the new token opens the circuit, events stay pending, and delivery recovers', async (t) => {
  const { dispatcher, simulator, accept, settled, inbox, advance, patches } = await setUp(t)
  simulator.addFault({ ...patch, status: 401, times: 2 })
  dispatcher.start()
  await accept(one(0), one(1))
  await until(() => dispatcher.state().state === 'open')
  assert.equal(dispatcher.state().reason, 'credentials_refused')
  assert.equal((await inbox.stats()).pending, 2)
  advance(500)
  assert.deepEqual(await settled(2), applied(2))
  assert.deepEqual(
    patches().map(({ status }) => status),
    [401, 401, 202, 202],
  )
})

test('refused client credentials open the circuit, stop all calls, and delivery recovers without a restart', async (t) => {
  const { dispatcher, simulator, accept, settled, inbox, patches, advance, log } = await setUp(t)
  simulator.addFault({ match: { path: '/oauth/token' }, status: 401, times: 2 })
  dispatcher.start()
  await accept(one(0))
  await until(() => dispatcher.state().state === 'open')
  assert.equal(dispatcher.state().reason, 'credentials_refused')
  assert.deepEqual([(await inbox.stats()).pending, patches().length], [1, 0])
  advance(500)
  await until(() => log.length === 2) // the probe was refused too
  assert.equal(dispatcher.state().state, 'open')
  advance(1_000)
  assert.deepEqual(await settled(1), applied(1))
  assert.deepEqual(dispatcher.state(), {
    state: 'running',
    pausedUntil: undefined,
    reason: undefined,
    wedged: false,
    rebuilds: 0,
  })
})

test('when settling fails, the outcome is recorded later and no PATCH is repeated', async (t) => {
  let failing = false
  let attempts = 0
  const { dispatcher, accept, settled, patches, attributesOf, inbox, log } = await setUp(t, {
    maxInFlight: 2,
    inbox: (inbox) => ({
      ...inbox,
      settle: async (...settlement) => {
        attempts += 1
        if (failing) throw new Error('disk full')
        return inbox.settle(...settlement)
      },
    }),
  })
  dispatcher.start()
  await accept(one(0))
  await settled(1)
  failing = true
  await accept(one(1), one(2), one(3))
  await until(() => attempts === 3)
  await accept(setting('again', { tier: 'silver' }, { participantId: 'p1' }))
  await sleep(50) // time enough for more
  // Each slot has one unrecorded outcome, and none makes another call.
  assert.deepEqual(
    patches()
      .map(({ participantId }) => participantId)
      .toSorted(),
    ['p0', 'p1', 'p2'],
  )
  assert.deepEqual(new Set(log), new Set(['store_unavailable']))
  assert.equal((await inbox.stats()).pending, 4)
  failing = false
  const outcomes = await settled(5)
  assert.deepEqual(new Set(Object.values(outcomes)), new Set(['applied']))
  assert.equal(attributesOf('p1')?.tier, 'silver')
  assert.equal(patches().length, 5)
})
