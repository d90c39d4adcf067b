import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../simulator/harness.ts'
import { setting, setUp } from './harness.ts'

const patch = { match: { method: 'PATCH' } }
const token = { match: { path: '/oauth/token' } }
const one = (participant: number) =>
  setting(`e${participant}`, { tier: 'gold' }, { participantId: `p${participant}` })
const several = (count: number) => Array.from({ length: count }, (_, participant) => one(participant))

test('regression: 503 with Retry-After: 2 was followed by a call after 0.3 s', async (t) => {
  const { dispatcher, simulator, accept, settled, patches } = await setUp(t)
  simulator.addFault({ ...patch, status: 503, headers: { 'Retry-After': '2' } })
  dispatcher.start()
  await accept(one(0))
  assert.deepEqual(await settled(1), { e0: 'applied' })
  const [refused, applied] = patches()
  assert.deepEqual([refused?.status, applied?.status], [503, 202])
  const waitedMs = (applied?.at ?? 0) - (refused?.at ?? 0)
  assert.ok(waitedMs >= 2_000 && waitedMs < 4_000, `${waitedMs} ms`)
})

for (const status of [408, 502, 503, 504])
  test(`${status} with Retry-After delays only its participant until then`, async (t) => {
    const { dispatcher, simulator, accept, settled, reports, patches, now, advance } = await setUp(t)
    simulator.addFault({ ...patch, status, headers: { 'Retry-After': '600' } })
    dispatcher.start()
    await accept(one(0))
    await until(() => reports.length === 1)
    const waitMs = (reports[0]?.retry?.dueAt ?? 0) - now()
    assert.ok(waitMs > 595_000 && waitMs <= 600_000, `${waitMs} ms`)
    await accept(one(1))
    assert.deepEqual(await settled(1), { e1: 'applied' })
    advance(waitMs - 5_000)
    await sleep(30) // time enough for a call
    assert.equal(patches().length, 2)
    advance(5_001)
    assert.deepEqual(await settled(2), { e0: 'applied', e1: 'applied' })
  })

test('an open circuit makes no probe call before the Retry-After of the failures', async (t) => {
  const { dispatcher, simulator, accept, settled, patches, advance, now } = await setUp(t, { maxInFlight: 1 })
  simulator.addFault({ ...patch, status: 503, times: 5, headers: { 'Retry-After': '60' } })
  dispatcher.start()
  await accept(...several(8))
  await until(() => dispatcher.state().state === 'open')
  const failedAt = patches()[4]?.at ?? 0
  advance(failedAt + 58_000 - now())
  await sleep(30) // time enough for a probe
  assert.equal(patches().length, 5)
  advance(failedAt + 62_000 - now())
  assert.equal(Object.keys(await settled(8)).length, 8)
  assert.equal(dispatcher.state().state, 'running')
})

test('the service obeys Retry-After of a 503 from the token endpoint as from the API', async (t) => {
  const { dispatcher, simulator, accept, reports, now } = await setUp(t)
  simulator.addFault({ ...token, status: 503, headers: { 'Retry-After': '600' } })
  dispatcher.start()
  await accept(one(0))
  await until(() => reports.length === 1)
  assert.ok((reports[0]?.retry?.dueAt ?? 0) - now() > 595_000)
})

test('a 429 of the token endpoint without Retry-After pauses until its reset header, or for the default time', async (t) => {
  for (const [reset, least, most] of [
    ['17', 15_000, 17_000],
    [null, 58_000, 60_000],
  ] as const) {
    const { dispatcher, simulator, accept, now } = await setUp(t)
    const headers = { 'Retry-After': null, 'inin-ratelimit-reset': reset }
    simulator.addFault({ ...token, status: 429, headers })
    dispatcher.start()
    await accept(one(0))
    await until(() => dispatcher.state().state === 'paused')
    const waitMs = (dispatcher.state().pausedUntil ?? 0) - now()
    assert.ok(waitMs > least && waitMs <= most, `${waitMs} ms`)
  }
})
