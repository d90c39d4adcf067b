import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NewEvent, Outcome } from '../../src/inbox/inbox.ts'
import { conversationEvent } from '../helpers/events.ts'
import { openAdmin, start } from './harness.ts'

const rules = `
version: 1
rules:
  - { name: vip, on: [conversation:created], when: 'event.topic == "customer.start" && event.direction == "inbound"', set: { vip: yes } }
  - { name: agents, on: [conversation:created], when: 'participant.purpose == "agent"', set: { agent: yes } }
  - { name: queue, on: [conversation:created], set: { queue: '\${event.queueId}' } }
  - { name: known, on: [conversation:created], when: 'participant.attributes["crm tier"] == "gold"', set: { gold: yes } }
  - { name: acw, on: [acw], set: { acw: yes } }
`

const stored = (changes: Partial<NewEvent['event']> = {}): NewEvent => ({
  priority: 1,
  event: conversationEvent({ id: 'event-1', attributes: { pin: 'hush' }, body: { pin: 'hush' }, ...changes }),
})

const applied = (sequence: number): Outcome => ({
  sequence,
  state: 'applied',
  record: {
    rules: ['vip', 'agents'],
    attributeNames: ['vip'],
    inPatch: true,
    api: { status: 202, correlationId: 'correlation-1' },
  },
})

test('an applied event has its rules, names, target, answer and timeline, but no values', async (t) => {
  const { get, settle } = await openAdmin(t, { rules })
  const second = stored({ identity: 'id:event-2', id: 'event-2', occurredAt: start - 5_000 })
  await settle([stored(), second], applied)
  const { status, body } = await get('/admin/events/id%3Aevent-1')
  assert.equal(status, 200)
  const { wouldNow, ...event } = body
  assert.deepEqual(event, {
    id: 'id:event-1',
    sequence: 1,
    state: 'applied',
    type: 'conversation:created',
    topic: null,
    eventId: 'event-1',
    conversationId: 'conversation-1',
    participantId: 'participant-1',
    occurredAt: null,
    acceptedAt: '2026-02-03T10:00:00.000Z',
    replayedAt: null,
    settledAt: '2026-02-03T10:00:00.000Z',
    attempts: 1,
    dueAt: null,
    giveUpAt: null,
    rules: ['vip', 'agents'],
    attributeNames: ['vip'],
    target: { conversationId: 'conversation-1', participantId: 'participant-1' },
    mergedWith: ['id:event-2'],
    api: { status: 202, correlationId: 'correlation-1' },
    code: null,
    detail: null,
    remedy: null,
    reason: null,
    replacedBy: [],
    timeline: [
      { at: '2026-02-03T10:00:00.000Z', what: 'accepted' },
      { at: '2026-02-03T10:00:00.000Z', what: 'applied' },
    ],
  })
  assert.doesNotMatch(JSON.stringify(body), /hush|\+1317/)
})

test('an applied event names the later event of the same PATCH whose values replaced its own', async (t) => {
  const { get, settle } = await openAdmin(t, { rules })
  const at = (id: string, occurredAt: number) => stored({ identity: `id:${id}`, id, occurredAt })
  await settle([at('middle', start - 2_000), at('last', start - 1_000), at('first', start - 3_000)], applied)
  const replacedBy = async (id: string) => (await get(`/admin/events/${id}`)).body.replacedBy
  assert.deepEqual(await replacedBy('first'), [{ attribute: 'vip', id: 'id:last' }])
  assert.deepEqual(await replacedBy('middle'), [{ attribute: 'vip', id: 'id:last' }])
  assert.deepEqual(await replacedBy('last'), [])
})

test('wouldNow names the part of each condition that was false, or the field that was missing', async (t) => {
  const { get, inbox } = await openAdmin(t, { rules })
  await inbox.append([stored()])
  const { wouldNow } = (await get('/admin/events/event-1')).body
  assert.deepEqual(wouldNow.trace.rules, [
    {
      rule: 'vip',
      result: 'undecided',
      because: 'event.topic == "customer.start"',
      code: 'no_such_key',
      missing: ['event.topic', 'event.direction'],
    },
    { rule: 'agents', result: 'unmatched', because: 'participant.purpose == "agent"' },
    { rule: 'queue', result: 'undecided', code: 'no_such_key', missing: ['event.queueId'] },
    {
      rule: 'known',
      result: 'undecided',
      because: 'participant.attributes["crm tier"] == "gold"',
      code: 'no_such_key',
      missing: ['participant.attributes["crm tier"]'],
    },
    { rule: 'acw', result: 'not_listening' },
  ])
})

test('wouldNow uses the known values of the participant, like delivery', async (t) => {
  const { get, inbox } = await openAdmin(t, { rules })
  await inbox.append([stored()])
  const [claim] = await inbox.claim({ limit: 1, leaseMs: 1_000 })
  assert.ok(claim)
  const known = new Map([['crm tier', { value: 'gold', decidedAt: 1, sequence: 0, knownAt: start + 1 }]])
  await inbox.settle(claim, { outcomes: [], known })
  const { wouldNow } = (await get('/admin/events/event-1')).body
  assert.equal(wouldNow.trace.rules[3].result, 'matched')
})

test('a pending event shows why it waits', async (t) => {
  const { get, inbox, now } = await openAdmin(t)
  await inbox.append([stored()])
  const [claim] = await inbox.claim({ limit: 1, leaseMs: 1_000 })
  assert.ok(claim)
  const retry = { dueAt: now() + 5_000, failure: { code: 'api_unavailable', attempts: 1 } }
  await inbox.settle(claim, { outcomes: [], attempted: [1], retry })
  const { body } = await get('/admin/events/event-1')
  assert.deepEqual(
    [body.state, body.attempts, body.code, body.dueAt],
    ['pending', 1, 'api_unavailable', '2026-02-03T10:00:05.000Z'],
  )
  assert.match(body.remedy, /outage/)
  assert.deepEqual(
    body.timeline.map(({ what, code }: { what: string; code?: string }) => [what, code]),
    [
      ['accepted', undefined],
      ['attempt_failed', 'api_unavailable'],
      ['next_attempt', undefined],
    ],
  )
})

test('events are listed newest first, with filters and pages', async (t) => {
  const { get, settle, inbox, advance } = await openAdmin(t)
  for (const n of [1, 2, 3]) {
    const event = { identity: `id:e${n}`, conversationId: `c${n % 2}`, participantId: `p${n}` }
    await settle([stored(event)], applied)
    advance(1_000)
  }
  await inbox.append([stored({ identity: 'id:e4', conversationId: 'c0', participantId: 'p4' })])
  const list = async (query: string) => {
    const { body } = await get(`/admin/events?${query}`)
    return body.items.map(({ id }: { id: string }) => id)
  }
  assert.deepEqual(await list(''), ['id:e4', 'id:e3', 'id:e2', 'id:e1'])
  assert.deepEqual(await list('conversationId=c0'), ['id:e4', 'id:e2'])
  assert.deepEqual(await list('participantId=p3'), ['id:e3'])
  assert.deepEqual(await list('conversationId=c0&state=pending'), ['id:e4'])
  assert.deepEqual(await list('state=applied'), ['id:e3', 'id:e2', 'id:e1'])
  assert.deepEqual(await list('since=2026-02-03T10:00:02Z'), ['id:e4', 'id:e3'])
  assert.deepEqual(await list(`since=${start + 1_000}`), ['id:e4', 'id:e3', 'id:e2'])
  assert.deepEqual(await list('conversationId=unknown'), [])
  const first = (await get('/admin/events?limit=3')).body
  assert.deepEqual(await list(`limit=3&cursor=${first.nextCursor}`), ['id:e1'])
  assert.equal((await get(`/admin/events?cursor=${first.nextCursor}`)).body.nextCursor, null)
})

for (const [query, detail] of [
  ['limit=0', /^limit: must be a whole number from 1 to 500\./],
  ['cursor=', /^cursor: must be the nextCursor of a previous response\./],
  ['cursor=next', /^cursor: must be the nextCursor of a previous response\./],
  ['since=2026-13-01', /^since: must be a time in ISO 8601 \(2026-11-30T18:00:00Z\) or epoch milliseconds\./],
  ['since=', /^since: must be a time/],
  ['state=done', /^state: must be pending, applied, unchanged, dead\./],
  ['conversationId=', /^conversationId: must not be empty\./],
  ['conversationId=a&conversationId=b', /^conversationId: must be given once\./],
  ['conversation=a', /conversation/],
] as const) {
  test(`/admin/events?${query} gets 400 with the name of the parameter`, async (t) => {
    const { get } = await openAdmin(t)
    const { status, body } = await get(`/admin/events?${query}`)
    assert.deepEqual([status, body.code], [400, 'invalid_request'])
    assert.match(body.detail, detail)
  })
}

test('an unknown id gets 404 with what to try', async (t) => {
  const { get } = await openAdmin(t)
  for (const path of [
    '/admin/events/unknown',
    '/admin/dead-letters/unknown',
    `/admin/events/${'x'.repeat(600)}`,
  ]) {
    const { status, body } = await get(path)
    assert.deepEqual([status, body.code], [404, 'event_not_found'])
    assert.match(body.detail, /GET \/admin\/events\?conversationId/)
  }
})

test('an address with too many wrong tokens gets 429, and a valid token is still accepted', async (t) => {
  const { get } = await openAdmin(t, { maxFailures: 2 })
  for (const expected of [401, 401, 429, 429]) {
    const { status, headers } = await get('/admin/events', 'Bearer wrong')
    assert.equal(status, expected)
    assert.equal(headers['retry-after'] === undefined, expected === 401)
  }
  assert.equal((await get('/admin/events')).status, 200)
})

test('a replayed event shows its earlier failure without a next step, and expires like any other event', async (t) => {
  const { get, post, inbox, settle, advance, now } = await openAdmin(t)
  await settle([stored()], (sequence) => ({ sequence, state: 'dead', code: 'not_found', detail: 'gone' }))
  advance(60_000)
  await post('/admin/dead-letters/replay', { all: true })
  const shown = async () => {
    const { state, code, detail, remedy, giveUpAt } = (await get('/admin/events/event-1')).body
    return { state, code, detail, remedy, giveUpInMs: Date.parse(giveUpAt) - now() }
  }
  assert.deepEqual(await shown(), {
    state: 'pending',
    code: 'not_found',
    detail: 'gone',
    remedy: null,
    giveUpInMs: 86_400_000,
  })
  const [claim] = await inbox.claim({ limit: 1, leaseMs: 1_000 })
  assert.ok(claim)
  const retry = { dueAt: now() + 1_000, failure: { code: 'not_found', attempts: 1 } }
  await inbox.settle(claim, { outcomes: [], retry })
  const failedAgain = await shown()
  assert.equal(typeof failedAgain.remedy, 'string')
  assert.equal(failedAgain.giveUpInMs, 30_000)
})
