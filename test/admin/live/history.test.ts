import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHistory, sampleIntervalMs } from '../../../src/admin/live/history.ts'
import { createTotals } from '../../../src/metrics/totals.ts'

const stats = {
  pending: 3,
  replayed: 0,
  inFlight: 0,
  dead: 0,
  oldestAcceptedAt: 4_000,
  oldestReplayedAt: undefined,
}

function create({ inbox = { stats: async () => stats } } = {}) {
  const totals = createTotals()
  let time = 10_000
  const history = createHistory({ totals, inbox, now: () => time, random: () => 0 })
  const advance = (ms: number) => {
    time += ms
  }
  return { totals, history, advance }
}

test('a sample has the increase of the counts since the last one, and the state of the inbox', async () => {
  const { totals, history } = create()
  totals.accepted = 5
  totals.applied = 2
  history.applied(40)
  history.applied(60)
  const first = await history.sample()
  assert.deepEqual(first, {
    at: '1970-01-01T00:00:10.000Z',
    accepted: 5,
    applied: 2,
    unchanged: 0,
    dead: 0,
    calls: 0,
    rateLimited: 0,
    pending: 3,
    oldestPendingMs: 6_000,
    p50Ms: 40,
    p95Ms: 60,
    recentP50Ms: 40,
    recentP95Ms: 60,
  })
  totals.accepted = 6
  const second = await history.sample()
  assert.deepEqual([second.accepted, second.applied, second.p50Ms, second.recentP50Ms], [1, 0, null, 40])
  assert.deepEqual(history.samples(), [first, second])
})

test('the recent percentiles are those of the last 5 minutes', async () => {
  const { history } = create()
  history.applied(40)
  for (let count = 1; count < 30; count += 1) await history.sample()
  assert.equal((await history.sample()).recentP50Ms, 40)
  assert.equal((await history.sample()).recentP50Ms, null)
})

test('it keeps one hour', async () => {
  const { history, advance } = create()
  for (let count = 0; count < 400; count += 1) {
    advance(sampleIntervalMs)
    await history.sample()
  }
  const [first, last] = [history.samples()[0], history.samples().at(-1)]
  assert.equal(Date.parse(last?.at ?? '') - Date.parse(first?.at ?? ''), 3_600_000 - sampleIntervalMs)
})

test('a failing inbox leaves out its values only', async () => {
  const { history } = create({ inbox: { stats: () => Promise.reject(new Error('no disk')) } })
  const { pending, oldestPendingMs, accepted } = await history.sample()
  assert.deepEqual([pending, oldestPendingMs, accepted], [null, null, 0])
})
