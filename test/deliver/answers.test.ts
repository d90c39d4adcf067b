import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../simulator/harness.ts'
import { type Delivery, setting, setUp } from './harness.ts'

const patch = { match: { method: 'PATCH' } }
const gold = { tier: 'gold' }
const one = (identity: string, participantId = 'p1') => setting(identity, gold, { participantId })

const statuses = ({ patches }: Delivery): number[] => patches().map(({ status }) => status)

async function deliver(delivery: Delivery, outcome: string): Promise<void> {
  delivery.dispatcher.start()
  await delivery.accept(one('e1'))
  assert.deepEqual(await delivery.settled(1), { e1: outcome })
}

for (const [form, header] of [
  ['in seconds', () => '30'],
  ['as an HTTP date', (now: number) => new Date(now + 30_000).toUTCString()],
] as const) {
  test(`429 with Retry-After ${form}: stops all calls until then and counts as no attempt`, async (t) => {
    const delivery = await setUp(t)
    const { dispatcher, simulator, accept, settled, advance, now, patches } = delivery
    const date = new Date(now()).toUTCString()
    const headers = { date, 'Retry-After': header(Date.parse(date)) }
    simulator.addFault({ ...patch, status: 429, headers })
    dispatcher.start()
    await accept(one('e1'))
    await until(() => dispatcher.state().state === 'paused')
    const { pausedUntil = 0 } = dispatcher.state()
    assert.ok(pausedUntil - now() > 28_000 && pausedUntil - now() <= 30_000)
    await accept(one('e2', 'p2'))
    advance(pausedUntil - now() - 1_000)
    await accept(one('e3', 'p3'))
    advance(pausedUntil - now() + 1)
    assert.deepEqual(await settled(3), { e1: 'applied', e2: 'applied', e3: 'applied' })
    const [first, ...later] = patches()
    assert.equal(first?.status, 429)
    assert.deepEqual(
      later.map(({ status, at }) => [status, at >= pausedUntil]),
      [
        [202, true],
        [202, true],
        [202, true],
      ],
    )
    assert.deepEqual(
      delivery.reports.map(({ claim, retry }) => [claim.failure, retry]),
      Array.from({ length: 4 }, () => [undefined, undefined]),
    )
    assert.equal(dispatcher.state().state, 'running')
  })
}

test('429 without Retry-After pauses until the rate window ends', async (t) => {
  const { dispatcher, simulator, accept, now } = await setUp(t, { simulator: { rateLimit: 1 } })
  const headers = {
    'Retry-After': null,
    'inin-ratelimit-count': '301',
    'inin-ratelimit-allowed': '300',
    'inin-ratelimit-reset': '17',
  }
  simulator.addFault({ ...patch, status: 429, headers })
  dispatcher.start()
  await accept(one('e1'))
  await until(() => dispatcher.state().state === 'paused')
  const waitMs = (dispatcher.state().pausedUntil ?? 0) - now()
  assert.ok(waitMs > 15_000 && waitMs <= 17_000, `${waitMs} ms`)
})

test('429 without any headers pauses for the length of a window', async (t) => {
  const { dispatcher, simulator, accept, now } = await setUp(t)
  simulator.addFault({ ...patch, status: 429, headers: { 'Retry-After': null } })
  dispatcher.start()
  await accept(one('e1'))
  await until(() => dispatcher.state().state === 'paused')
  const waitMs = (dispatcher.state().pausedUntil ?? 0) - now()
  assert.ok(waitMs > 58_000 && waitMs <= 60_000, `${waitMs} ms`)
})

test('429 of the token endpoint pauses too and loses no event', async (t) => {
  const delivery = await setUp(t)
  const { dispatcher, simulator, accept, settled, advance } = delivery
  simulator.addFault({ match: { path: '/oauth/token' }, status: 429, headers: { 'Retry-After': '30' } })
  dispatcher.start()
  await accept(one('e1'))
  await until(() => dispatcher.state().state === 'paused')
  assert.deepEqual(statuses(delivery), [])
  advance(30_000)
  assert.deepEqual(await settled(1), { e1: 'applied' })
})

test('an event is applied when its conversation exists after a 404', async (t) => {
  const delivery = await setUp(t)
  const { dispatcher, simulator, accept, settled, patches } = delivery
  dispatcher.start()
  await accept(setting('e1', gold, { conversationId: 'new', participantId: 'p1' }))
  await until(() => patches().length === 1)
  simulator.createConversation({ id: 'new', participants: [{ id: 'p1', purpose: 'customer' }] })
  assert.deepEqual(await settled(1), { e1: 'applied' })
  assert.deepEqual(statuses(delivery), [404, 202])
})

test("404 for 30 s after acceptance gives a dead letter `not_found` with Genesys Cloud's message", async (t) => {
  const delivery = await setUp(t)
  const { dispatcher, accept, settled, patches, advance, inbox } = delivery
  dispatcher.start()
  await accept(one('e1', 'nobody'))
  await until(() => delivery.reports.length === 1)
  assert.equal(delivery.reports[0]?.retry?.failure.code, 'not_found')
  advance(29_000)
  await until(() => delivery.reports.length === 2)
  assert.equal((await inbox.stats()).dead, 0)
  advance(1_000)
  assert.deepEqual(await settled(1), { e1: 'not_found' })
  const [letter] = await inbox.deadLetters({ limit: 1 })
  assert.match(letter?.detail ?? '', /^404 participant\.not\.found /)
  assert.ok(patches().length >= 3)
})

test('each event has its own 30 s: the older one becomes dead, the newer one is retried', async (t) => {
  const delivery = await setUp(t)
  const { dispatcher, simulator, accept, settled, advance, reports } = delivery
  dispatcher.start()
  await accept(one('old', 'late'))
  await until(() => reports.length === 1)
  advance(29_000)
  await accept(setting('young', { region: 'emea' }, { participantId: 'late' }))
  await until(() => reports.length >= 2)
  advance(1_000)
  assert.deepEqual(await settled(1), { old: 'not_found' })
  simulator.createConversation({ id: 'c1', participants: [{ id: 'late', purpose: 'customer' }] })
  advance(5_000)
  assert.deepEqual(await settled(2), { old: 'not_found', young: 'applied' })
  assert.deepEqual(delivery.attributesOf('late'), { region: 'emea' })
})

test('403 gives a dead letter `forbidden` at once', async (t) => {
  const delivery = await setUp(t)
  delivery.simulator.addFault({
    ...patch,
    status: 403,
    body: { code: 'missing.permission', message: 'Unable to perform' },
  })
  await deliver(delivery, 'forbidden')
  assert.deepEqual(statuses(delivery), [403])
  const [letter] = await delivery.inbox.deadLetters({ limit: 1 })
  assert.match(letter?.detail ?? '', /^403 missing\.permission Unable to perform \(correlation id /)
})

test("400 gives a dead letter `rejected` at once, with Genesys Cloud's code and message", async (t) => {
  const delivery = await setUp(t)
  delivery.simulator.addFault({
    ...patch,
    status: 400,
    body: { code: 'bad.request', message: 'The value is too long.' },
  })
  await deliver(delivery, 'rejected')
  assert.deepEqual(statuses(delivery), [400])
  const [letter] = await delivery.inbox.deadLetters({ limit: 1 })
  assert.match(letter?.detail ?? '', /^400 bad\.request The value is too long\./)
})

for (const status of [413, 415, 422]) {
  test(`${status} gives a dead letter 'rejected' at once`, async (t) => {
    const delivery = await setUp(t)
    delivery.simulator.addFault({ ...patch, status })
    await deliver(delivery, 'rejected')
    assert.deepEqual(statuses(delivery), [status])
  })
}

test('events after a dead letter of the same participant are delivered', async (t) => {
  const delivery = await setUp(t)
  delivery.simulator.addFault({ ...patch, status: 400 })
  await deliver(delivery, 'rejected')
  await delivery.accept(setting('e2', { region: 'emea' }))
  assert.deepEqual(await delivery.settled(2), { e1: 'rejected', e2: 'applied' })
  assert.deepEqual(delivery.attributesOf('p1'), { region: 'emea' })
})

test('an event is applied after five 409s', async (t) => {
  const delivery = await setUp(t)
  delivery.simulator.addFault({ ...patch, status: 409, times: 5 })
  await deliver(delivery, 'applied')
  assert.deepEqual(statuses(delivery), [409, 409, 409, 409, 409, 202])
})

test('a sixth 409 gives a dead letter `rejected`', async (t) => {
  const delivery = await setUp(t)
  delivery.simulator.addFault({ ...patch, status: 409, times: 7 })
  await deliver(delivery, 'rejected')
  assert.deepEqual(statuses(delivery), [409, 409, 409, 409, 409, 409])
})

test('5xx, 408, a connection reset and a timeout are retried', async (t) => {
  const delivery = await setUp(t, { requestTimeoutMs: 150 })
  const { simulator, reports } = delivery
  simulator.addFault({ ...patch, status: 500 })
  simulator.addFault({ ...patch, status: 408 })
  simulator.addFault({ ...patch, reset: true })
  simulator.addFault({ ...patch, delayMs: 600_000 })
  await deliver(delivery, 'applied')
  assert.deepEqual(statuses(delivery).toSorted(), [0, 202, 202, 408, 500])
  assert.deepEqual(
    reports.map(({ retry }) => retry?.failure),
    [1, 2, 3, 4, undefined].map((attempts) =>
      attempts === undefined ? undefined : { code: 'unavailable', attempts },
    ),
  )
})

test('an API that fails until the event is too old gives a dead letter `expired`', async (t) => {
  const delivery = await setUp(t, { eventMaxAgeMs: 60_000 })
  const { dispatcher, simulator, accept, settled, advance, reports } = delivery
  simulator.addFault({ ...patch, status: 503, times: 3 })
  dispatcher.start()
  await accept(one('e1'))
  await until(() => reports.length === 1)
  advance(59_000)
  await until(() => reports.length === 2)
  advance(1_000)
  assert.deepEqual(await settled(1), { e1: 'expired' })
})
