import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeliveryState } from '../../src/deliver/delivery-state.ts'
import { openAdmin } from './harness.ts'

test('pause and resume are stored, answered and logged with address and reason', async (t) => {
  const { post, inbox, operatorPause, advance, entries } = await openAdmin(t)
  const paused = await post('/admin/delivery/pause', { reason: ' maintenance of the CRM ' })
  const since = '2026-02-03T10:00:00.000Z'
  assert.deepEqual(
    [paused.status, paused.body],
    [200, { paused: true, since, reason: 'maintenance of the CRM', wasPaused: false }],
  )
  assert.deepEqual(await inbox.deliveryPause(), operatorPause.current())
  advance(5_000)
  const again = await post('/admin/delivery/pause', {})
  const reason = 'maintenance of the CRM'
  assert.deepEqual(again.body, { paused: true, since, reason, wasPaused: true })
  const resumed = await post('/admin/delivery/resume')
  const notPaused = { paused: false, since: null, reason: null }
  assert.deepEqual([resumed.status, resumed.body], [200, { ...notPaused, wasPaused: true }])
  assert.equal(await inbox.deliveryPause(), undefined)
  const resumedAgain = await post('/admin/delivery/resume')
  assert.deepEqual([resumedAgain.status, resumedAgain.body], [200, { ...notPaused, wasPaused: false }])
  const lines = entries().filter(({ msg }) => String(msg).includes('by an operator'))
  assert.deepEqual(
    lines.map(({ msg, from, reason }) => [msg, from, reason]),
    [
      ['delivery paused by an operator', '127.0.0.1', 'maintenance of the CRM'],
      ['delivery paused by an operator', '127.0.0.1', 'maintenance of the CRM'],
      ['delivery resumed by an operator', '127.0.0.1', undefined],
    ],
  )
})

test('the audit trail has the lines of the log, the newest first', async (t) => {
  const { post, audit } = await openAdmin(t)
  await post('/admin/delivery/pause', { reason: 'tests' })
  await post('/admin/delivery/resume')
  const at = '2026-02-03T10:00:00.000Z'
  assert.deepEqual(audit.recent(), [
    { at, from: '127.0.0.1', message: 'delivery resumed by an operator', fields: { since: at } },
    { at, from: '127.0.0.1', message: 'delivery paused by an operator', fields: { reason: 'tests' } },
  ])
  for (let count = 0; count < 60; count += 1) await post('/admin/delivery/pause')
  assert.equal(audit.recent().length, 50)
})

test('a pause needs no body', async (t) => {
  const { post } = await openAdmin(t)
  assert.equal((await post('/admin/delivery/pause')).body.paused, true)
})

for (const [body, detail] of [
  [{ reason: 'x'.repeat(201) }, /^reason: must have at most 200 characters\./],
  [{ reason: 5 }, /^reason: must be a text\./],
  [{ why: 'x' }, /why/],
] as const) {
  test(`the pause ${JSON.stringify(body).slice(0, 20)} gets 400 with the name of the field`, async (t) => {
    const { post } = await openAdmin(t)
    const answer = await post('/admin/delivery/pause', body)
    assert.deepEqual([answer.status, answer.body.code], [400, 'invalid_request'])
    assert.match(answer.body.detail, detail)
  })
}

test('the status shows the pause of an operator with its reason', async (t) => {
  const operatorPause = { since: Date.parse('2026-02-03T09:00:00Z'), reason: 'maintenance' }
  const delivery = { state: 'paused', pausedUntil: 5, reason: undefined, wedged: false, rebuilds: 0 } as const
  const { get } = await openAdmin(t, { delivery: { ...delivery, operatorPause } })
  const { state, pausedUntil, pausedBy, pausedSince, reason } = (await get('/admin/status')).body.delivery
  assert.deepEqual(
    [state, pausedUntil, pausedBy, pausedSince, reason],
    ['paused', null, 'operator', '2026-02-03T09:00:00.000Z', 'maintenance'],
  )
})

test('the status of a pause has its reason, or none', async (t) => {
  const reasonOf = async (delivery: DeliveryState) =>
    (await (await openAdmin(t, { delivery })).get('/admin/status')).body.delivery.reason
  const paused = {
    state: 'paused',
    pausedUntil: undefined,
    reason: undefined,
    wedged: false,
    rebuilds: 0,
  } as const
  assert.equal(await reasonOf({ ...paused, operatorPause: { since: 1, reason: 'tests' } }), 'tests')
  assert.equal(await reasonOf({ ...paused, operatorPause: { since: 1 } }), null)
})
