import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NewEvent, Outcome } from '../../src/inbox/inbox.ts'
import { conversationEvent } from '../helpers/events.ts'
import { openAdmin } from './harness.ts'

const stored = (n: number): NewEvent => ({
  priority: 1,
  event: conversationEvent({ identity: `id:e${n}`, id: `e${n}`, conversationId: `c${n}` }),
})

const codes = ['rejected', 'forbidden', 'forbidden', 'not_found'] as const

const dead = (sequence: number): Outcome => ({
  sequence,
  state: 'dead',
  code: codes[sequence - 1] ?? 'rejected',
  detail: '403 denied',
  record: { rules: [`rule-${sequence}`], attributeNames: ['tier'], inPatch: true },
})

test('dead letters are replayed by id, by code, and all', async (t) => {
  const { post, get, settle, inbox, entries } = await openAdmin(t)
  await settle([0, 1, 2, 3].map(stored), dead)
  const replay = async (body: object) => {
    const answer = await post('/admin/dead-letters/replay', body)
    return [answer.status, answer.body]
  }
  assert.deepEqual(await replay({ ids: ['id:e0', 'unknown'] }), [202, { replayed: 1, skipped: ['unknown'] }])
  assert.deepEqual(await replay({ code: 'forbidden' }), [202, { replayed: 2 }])
  assert.deepEqual(await replay({ code: 'expired' }), [202, { replayed: 0 }])
  assert.deepEqual(await replay({ all: true }), [202, { replayed: 1 }])
  assert.equal((await inbox.stats()).pending, 4)
  const { body } = await get('/admin/events/e0')
  assert.deepEqual(
    [body.state, body.attempts, body.code, body.detail],
    ['pending', 1, 'rejected', '403 denied'],
  )
  assert.deepEqual(
    body.timeline.map(({ what }: { what: string }) => what),
    ['accepted', 'replayed'],
  )
  const lines = entries().filter(({ msg }) => msg === 'dead letters replayed')
  assert.deepEqual(
    lines.map(({ from, requested, code, all, count }) => [from, requested ?? code ?? all, count]),
    [
      ['127.0.0.1', 2, 1],
      ['127.0.0.1', 'forbidden', 2],
      ['127.0.0.1', 'expired', 0],
      ['127.0.0.1', true, 1],
    ],
  )
})

test('dead letters are replayed and dropped by time and rule, alone or with a code', async (t) => {
  const { post, settle, advance, inbox, entries } = await openAdmin(t)
  await settle([stored(0)], dead)
  advance(1_000)
  await settle([1, 2, 3].map(stored), dead)
  const since = '2026-02-03T10:00:01Z'
  const change = async (action: string, body: object) =>
    (await post(`/admin/dead-letters/${action}`, body)).body
  assert.deepEqual(await change('replay', { since, code: 'rejected' }), { replayed: 0 })
  assert.deepEqual(await change('replay', { since, code: 'forbidden', rule: 'rule-2' }), { replayed: 1 })
  assert.deepEqual(await change('drop', { rule: 'rule-1' }), { dropped: 1 })
  assert.deepEqual(await change('replay', { since }), { replayed: 2 })
  assert.equal((await inbox.stats()).dead, 0)
  const [line] = entries().filter(({ msg }) => msg === 'dead letters replayed')
  assert.deepEqual([line?.since, line?.code, line?.count], ['2026-02-03T10:00:01.000Z', 'rejected', 0])
})

test('since in a replay or drop is also epoch milliseconds, as number or text', async (t) => {
  const { post, settle, advance } = await openAdmin(t)
  await settle([stored(0)], dead)
  advance(1_000)
  await settle([1, 2].map(stored), dead)
  const since = Date.parse('2026-02-03T10:00:01Z')
  const replayed = await post('/admin/dead-letters/replay', { since })
  assert.deepEqual([replayed.status, replayed.body], [202, { replayed: 2 }])
  const dropped = await post('/admin/dead-letters/drop', { since: String(since - 1_000) })
  assert.deepEqual([dropped.status, dropped.body], [202, { dropped: 1 }])
})

test('dead letters are dropped, by the id that the sender gave too', async (t) => {
  const { post, get, settle, entries } = await openAdmin(t)
  await settle([0, 1].map(stored), dead)
  assert.deepEqual((await post('/admin/dead-letters/drop', { ids: ['e0'] })).body, { dropped: 1 })
  assert.equal((await get('/admin/events/e0')).status, 404)
  assert.deepEqual((await post('/admin/dead-letters/drop', { all: true })).body, { dropped: 1 })
  const lines = entries().filter(({ msg }) => msg === 'dead letters dropped')
  assert.deepEqual(
    lines.map(({ ids, all }) => [ids, all]),
    [
      ['e0', undefined],
      [undefined, true],
    ],
  )
})

test('ids of which none is a dead letter get 404', async (t) => {
  const { post, settle } = await openAdmin(t)
  await settle([stored(0)], (sequence) => ({ sequence, state: 'applied' }))
  for (const action of ['replay', 'drop']) {
    const { status, body } = await post(`/admin/dead-letters/${action}`, { ids: ['e0', 'unknown'] })
    assert.deepEqual([status, body.code], [404, 'event_not_found'])
  }
})

test('one dead letter has its timeline and the rules in force; an applied event is none', async (t) => {
  const { get, settle } = await openAdmin(t)
  await settle([stored(0)], dead)
  const { status, body } = await get('/admin/dead-letters/id:e0')
  assert.deepEqual([status, body.id, body.rules, body.diedAt], [200, 'id:e0', ['rule-1'], body.settledAt])
  assert.deepEqual(body.wouldNow.trace, { rules: [], attributes: [] })
  await settle([stored(1)], (sequence) => ({ sequence, state: 'applied' }))
  const other = await get('/admin/dead-letters/e1')
  assert.equal(other.status, 404)
  assert.match(other.body.detail, /applied, not a dead letter/)
})

test('dead letters are filtered by rule and time', async (t) => {
  const { get, settle, advance } = await openAdmin(t)
  await settle([stored(0)], dead)
  advance(1_000)
  await settle([stored(1)], dead)
  const ids = async (query: string) =>
    (await get(`/admin/dead-letters?${query}`)).body.items.map(({ id }: { id: string }) => id)
  assert.deepEqual(await ids('rule=rule-2'), ['id:e1'])
  assert.deepEqual(await ids('since=2026-02-03T10:00:01Z'), ['id:e1'])
})

for (const body of [
  {},
  { ids: [] },
  { all: false },
  { all: true, code: 'expired' },
  { all: true, since: '2026-02-03' },
  { ids: ['e0'], since: '2026-02-03' },
  { ids: [5] },
  { since: 'yesterday' },
  { since: 5 },
  { since: null },
]) {
  test(`the selection ${JSON.stringify(body)} gets 400 with the expected forms`, async (t) => {
    const { post } = await openAdmin(t)
    const answer = await post('/admin/dead-letters/replay', body)
    assert.deepEqual([answer.status, answer.body.code], [400, 'invalid_request'])
    assert.match(
      answer.body.detail,
      /^ids, code, rule, conversationId, since or all: send |^ids: must have 1 to 1000 ids|^since: must be a time in ISO 8601/,
    )
  })
}

test('a change that the inbox cannot store gets 503', async (t) => {
  const full = () => Promise.reject(new Error('full disk'))
  const { post } = await openAdmin(t, {
    wrapInbox: (inbox) => ({ ...inbox, replay: full, setDeliveryPause: full }),
  })
  for (const [path, body] of [
    ['/admin/dead-letters/replay', { all: true }],
    ['/admin/delivery/pause', {}],
  ] as const) {
    const answer = await post(path, body)
    assert.deepEqual([answer.status, answer.body.code], [503, 'store_unavailable'])
  }
})

test('the list counts all dead letters that match, by code and rule, if asked to', async (t) => {
  const { get, settle } = await openAdmin(t)
  await settle([0, 1, 2, 3].map(stored), dead)
  const { body } = await get('/admin/dead-letters?limit=1&counts=true&code=forbidden')
  assert.equal(body.items.length, 1)
  const rules = ['rule-2', 'rule-3'].map((rule) => ({ rule, count: 1 }))
  assert.deepEqual(body.counts, { total: 2, codes: [{ code: 'forbidden', count: 2, rules }] })
  assert.equal('counts' in (await get('/admin/dead-letters')).body, false)
  assert.match((await get('/admin/dead-letters?counts=yes')).body.detail, /^counts: must be true or false/)
})

test('the dead letters of a conversation are listed and replayed', async (t) => {
  const { get, post, settle } = await openAdmin(t)
  await settle([0, 1, 2, 3].map(stored), dead)
  const { body } = await get('/admin/dead-letters?conversationId=c2&counts=true')
  assert.deepEqual([body.items.map(({ id }: { id: string }) => id), body.counts.total], [['id:e2'], 1])
  assert.deepEqual((await post('/admin/dead-letters/replay', { conversationId: 'c2' })).body, { replayed: 1 })
  assert.deepEqual((await get('/admin/dead-letters?conversationId=c2')).body.items, [])
})
