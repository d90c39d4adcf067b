import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { readConfig } from '../../src/config/config.ts'
import { type DeadLetterCode, errorCatalogue } from '../../src/errors.ts'
import type { Inbox } from '../../src/inbox/inbox.ts'
import { createTotals } from '../../src/metrics/totals.ts'
import { createService } from '../../src/service.ts'
import { conversationEvent } from '../helpers/events.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { captureLog } from '../helpers/log.ts'
import { inForce, rulesOf } from '../helpers/rules.ts'
import { adminToken, openAdmin as open, start } from './harness.ts'

/** Creates dead letters, one per participant; returns their identities. */
async function bury(inbox: Inbox, codes: readonly DeadLetterCode[], detail?: string): Promise<void> {
  for (const [index, code] of codes.entries()) {
    const conversationId = `${code}-${index}`
    const event = conversationEvent({
      identity: `id:${conversationId}`,
      id: `event-${index}`,
      conversationId,
      attributes: { pin: 'hush' },
      participant: { attributes: { pin: 'hush' } },
      body: { pin: 'hush' },
    })
    await inbox.append([{ event, priority: 1 }])
    const [claim] = await inbox.claim({ limit: 1, leaseMs: 1_000 })
    assert.ok(claim)
    const outcomes = claim.events.map(({ sequence }) => ({
      sequence,
      state: 'dead' as const,
      code,
      ...(detail !== undefined && { detail }),
    }))
    assert.equal(await inbox.settle(claim, { outcomes }), 'settled')
  }
}

test('without ADMIN_TOKEN, admin routes answer 404 with any credential', async (t) => {
  const folder = await temporaryFolder(t)
  const environment = {
    GENESYS_CLIENT_ID: 'x',
    GENESYS_CLIENT_SECRET: 'x',
    GENESYS_API_URL: 'http://127.0.0.1:9',
    GENESYS_LOGIN_URL: 'http://127.0.0.1:9',
    WEBHOOK_TOKENS: 'relay-token',
    HOST: '127.0.0.1',
    PORT: '0',
    STORE_URL: `sqlite:${join(folder, 'inbox.db')}`,
  }
  const statuses = async (admin: Record<string, string>): Promise<number[]> => {
    const result = readConfig({ ...environment, ...admin })
    assert.ok(result.kind === 'ok')
    const rules = rulesOf('version: 1\nrules: []\n')
    const service = await createService({
      config: result.config,
      rules: inForce(rules),
      logger: captureLog().logger,
    })
    const { url } = await service.start()
    try {
      const headers = { authorization: `Bearer ${adminToken}` }
      const paths = ['/admin/status', '/admin/dead-letters']
      return await Promise.all(paths.map(async (path) => (await fetch(url + path, { headers })).status))
    } finally {
      await service.stop()
    }
  }
  assert.deepEqual(await statuses({}), [404, 404])
  assert.deepEqual(await statuses({ ADMIN_TOKEN: '' }), [404, 404])
  assert.deepEqual(await statuses({ ADMIN_TOKEN: adminToken }), [200, 200])
})

for (const [what, authorization] of [
  ['no credential', ''],
  ['another token', 'Bearer another'],
  ['a prefix of the token', 'Bearer admin-toke'],
  ['the token without scheme', adminToken],
  ['the token as basic password', `Basic ${Buffer.from(`x:${adminToken}`).toString('base64')}`],
] as const) {
  test(`${what} gets 401 on every admin route`, async (t) => {
    const { get } = await open(t)
    for (const path of [
      '/admin/status',
      '/admin/dead-letters',
      '/admin/dead-letters?limit=x',
      '/admin/events',
    ]) {
      const { status, body, headers } = await get(path, authorization)
      assert.equal(status, 401)
      assert.equal(body.code, 'unauthorized')
      assert.equal(headers['www-authenticate'], 'Bearer')
    }
  })
}

test('the status of an idle service', async (t) => {
  const { get, totals } = await open(t)
  totals.accepted = 3
  const { status, body } = await get('/admin/status')
  assert.equal(status, 200)
  assert.deepEqual(body, {
    inbox: {
      pending: 0,
      replayed: 0,
      inFlight: 0,
      dead: 0,
      oldestPendingMs: null,
      oldestLiveMs: null,
      oldestReplayedMs: null,
    },
    delivery: {
      state: 'running',
      pausedUntil: null,
      pausedBy: null,
      pausedSince: null,
      reason: null,
      openSince: null,
      nextTryAt: null,
      waitsFor: null,
      waitsUntil: null,
      budget: {
        allowed: 300,
        remaining: 280,
        own: 15,
        others: 5,
        reserved: 0,
        resetAt: null,
        assumed: false,
      },
    },
    ages: { eventMaxAgeMs: 86_400_000, retentionMs: 604_800_000 },
    totals: { ...createTotals(), accepted: 3 },
    failures: { dead: [], undecided: [] },
    nodes: [
      {
        id: 'host:1',
        role: 'all',
        lastSeenAt: '2026-02-03T10:00:00.000Z',
        delivers: true,
        rulesVersion: 'abc',
        answers: true,
      },
    ],
  })
})

test('the status of a busy service has pending events, their age and the reason', async (t) => {
  const pausedUntil = start + 42_000
  const { get, inbox, advance } = await open(t, {
    delivery: {
      state: 'open',
      pausedUntil,
      reason: 'credentials_refused',
      openSince: start - 5_000,
      nextTryAt: start + 2_000,
      wedged: false,
      rebuilds: 0,
    },
    resetAt: start + 60_000,
  })
  await bury(inbox, ['rejected'])
  await inbox.append([
    { event: conversationEvent({ identity: 'a', participantId: 'p-1' }), priority: 1 },
    { event: conversationEvent({ identity: 'b', participantId: 'p-2' }), priority: 1 },
  ])
  await inbox.claim({ limit: 1, leaseMs: 60_000 })
  advance(1_500)
  const { body } = await get('/admin/status')
  assert.deepEqual(body.inbox, {
    pending: 2,
    replayed: 0,
    inFlight: 1,
    dead: 1,
    oldestPendingMs: 1_500,
    oldestLiveMs: 1_500,
    oldestReplayedMs: null,
  })
  assert.deepEqual(body.delivery, {
    state: 'open',
    pausedUntil: '2026-02-03T10:00:42.000Z',
    pausedBy: null,
    pausedSince: null,
    reason: 'credentials_refused',
    openSince: '2026-02-03T09:59:55.000Z',
    nextTryAt: '2026-02-03T10:00:02.000Z',
    waitsFor: null,
    waitsUntil: null,
    budget: {
      allowed: 300,
      remaining: 280,
      own: 15,
      others: 5,
      reserved: 0,
      resetAt: '2026-02-03T10:01:00.000Z',
      assumed: false,
    },
  })
})

test('pending events wait for the rate budget while no call is left', async (t) => {
  const { get, inbox } = await open(t, { budget: { remaining: 0 }, resetAt: start + 60_000 })
  assert.equal((await get('/admin/status')).body.delivery.waitsFor, null)
  await inbox.append([{ event: conversationEvent({ identity: 'a' }), priority: 1 }])
  const { state, waitsFor, waitsUntil } = (await get('/admin/status')).body.delivery
  assert.deepEqual([state, waitsFor, waitsUntil], ['running', 'rate_budget', '2026-02-03T10:01:00.000Z'])
})

test('a dead letter has code, detail, remedy and ids, but no values', async (t) => {
  const { get, inbox } = await open(t)
  await bury(inbox, ['rejected'], 'bad.request: no (correlation id x)')
  const { body } = await get('/admin/dead-letters')
  assert.deepEqual(body, {
    items: [
      {
        id: 'id:rejected-0',
        sequence: 1,
        state: 'dead',
        code: 'rejected',
        detail: 'bad.request: no (correlation id x)',
        remedy: errorCatalogue.rejected.remedy,
        acceptedAt: '2026-02-03T10:00:00.000Z',
        diedAt: '2026-02-03T10:00:00.000Z',
        settledAt: '2026-02-03T10:00:00.000Z',
        occurredAt: null,
        replayedAt: null,
        dueAt: null,
        giveUpAt: null,
        reason: null,
        attempts: 0,
        rules: [],
        attributeNames: [],
        target: null,
        mergedWith: [],
        api: null,
        type: 'conversation:created',
        topic: null,
        eventId: 'event-0',
        conversationId: 'rejected-0',
        participantId: 'participant-1',
      },
    ],
    nextCursor: null,
  })
  assert.doesNotMatch(JSON.stringify(body), /hush/)
})

test('a dead letter without detail shows the title of its code', async (t) => {
  const { get, inbox } = await open(t)
  await inbox.append([{ event: conversationEvent({ topic: 'customer.start' }), priority: 1 }])
  await inbox.expire({ acceptedBefore: start + 1, limit: 10 })
  const [letter] = (await get('/admin/dead-letters')).body.items
  assert.equal(letter.code, 'expired')
  assert.equal(letter.detail, 'Not delivered in time')
  assert.match(letter.remedy, /EVENT_MAX_AGE_MS/)
  assert.equal(letter.topic, 'customer.start')
})

test('pages return every dead letter once, in order of acceptance', async (t) => {
  const { get, inbox } = await open(t)
  await bury(
    inbox,
    Array.from({ length: 5 }, () => 'not_found'),
  )
  const seen: number[] = []
  let cursor: number | null = 0
  let pages = 0
  while (cursor !== null) {
    const { body } = await get(`/admin/dead-letters?limit=2&cursor=${cursor}`)
    assert.ok(body.items.length <= 2)
    seen.push(...body.items.map(({ sequence }: { sequence: number }) => sequence))
    cursor = body.nextCursor
    pages += 1
    assert.ok(pages < 10)
  }
  assert.deepEqual(seen, [1, 2, 3, 4, 5])
})

test('the last page has no nextCursor, also if it is exactly full', async (t) => {
  const { get, inbox } = await open(t)
  await bury(inbox, ['not_found', 'forbidden', 'not_found', 'forbidden'])
  const cursor = async (query: string) => (await get(`/admin/dead-letters?${query}`)).body.nextCursor
  assert.equal(await cursor('limit=4'), null)
  assert.equal(await cursor('limit=3'), 3)
  assert.equal(await cursor('limit=2&cursor=2'), null)
  assert.equal(await cursor('limit=2&code=not_found'), null)
  assert.equal(await cursor('limit=1&code=not_found'), 1)
})

test('dead letters can be filtered by code', async (t) => {
  const { get, inbox } = await open(t)
  await bury(inbox, ['not_found', 'forbidden', 'not_found'])
  const codes = async (query: string) =>
    (await get(`/admin/dead-letters?${query}`)).body.items.map(({ code }: { code: string }) => code)
  assert.deepEqual(await codes(''), ['not_found', 'forbidden', 'not_found'])
  assert.deepEqual(await codes('code=not_found'), ['not_found', 'not_found'])
  assert.deepEqual(await codes('code=not_found&cursor=1'), ['not_found'])
  assert.deepEqual(await codes('code=expired'), [])
})

for (const [query, detail] of [
  ['limit=0', /^limit: must be a whole number from 1 to 500\./],
  ['limit=501', /^limit: must be a whole number from 1 to 500\./],
  ['limit=ten', /^limit: must be/],
  ['limit=1.5', /^limit: must be/],
  ['limit=1&limit=2', /^limit: must be/],
  ['cursor=-1', /^cursor: must be the nextCursor of a previous response\./],
  ['cursor=', /^cursor: must be the nextCursor of a previous response\./],
  ['cursor=next', /^cursor: must be the nextCursor/],
  ['cursor=1e300', /^cursor: must be the nextCursor/],
  ['code=a&code=b', /^code: must be given once/],
  ['rule=a&rule=b', /^rule: must be given once/],
  ['since=yesterday', /^since: must be a time in ISO 8601/],
  ['after=1', /after/],
] as const) {
  test(`?${query} gets 400 with the name of the parameter`, async (t) => {
    const { get } = await open(t)
    const { status, body } = await get(`/admin/dead-letters?${query}`)
    assert.equal(status, 400)
    assert.equal(body.code, 'invalid_request')
    assert.match(body.detail, detail)
  })
}

test('the status tells the age of the oldest live event from that of the oldest replayed one', async (t) => {
  const { get, post, inbox, advance } = await open(t)
  await bury(inbox, ['forbidden'])
  advance(1_000)
  await post('/admin/dead-letters/replay', { all: true })
  advance(2_000)
  await inbox.append([
    { event: conversationEvent({ identity: 'id:live', conversationId: 'live' }), priority: 1 },
  ])
  advance(500)
  const { pending, replayed, oldestPendingMs, oldestLiveMs, oldestReplayedMs } = (await get('/admin/status'))
    .body.inbox
  assert.deepEqual([pending, replayed], [2, 1])
  assert.deepEqual([oldestPendingMs, oldestLiveMs, oldestReplayedMs], [2_500, 500, 2_500])
})
