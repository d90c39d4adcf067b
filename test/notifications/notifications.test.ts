import assert from 'node:assert/strict'
import { test } from 'node:test'
import { maxTopics } from '../../src/notifications/topics.ts'
import { until } from '../helpers/wait.ts'
import { channelCalls, listen, queueId, queueTopic, snapshot, userTopic } from './harness.ts'

test('messages of queue and user topics are stored, and duplicates only once', async (t) => {
  const { simulator, connected, accepted, totals, status } = await listen(t, {
    queues: ['sales'],
    topics: [userTopic],
  })
  await connected()
  assert.deepEqual(
    simulator.channels().map(({ topics, connected }) => ({ topics, connected })),
    [{ topics: [userTopic, queueTopic], connected: true }],
  )
  assert.deepEqual(channelCalls(simulator), ['POST channels 200', 'PUT subscriptions 200'])
  const twice = { ...snapshot(1), metadata: { CorrelationId: 'c1' } }
  assert.equal(simulator.notify(twice), 1)
  simulator.notify(twice)
  simulator.notify(snapshot(2, userTopic))
  simulator.notify({ topicName: 'v2.users.u1.presence', eventBody: {} })
  await accepted(2)
  const { accepted: stored, duplicates, rejected } = totals
  assert.deepEqual({ stored, duplicates, rejected }, { stored: 2, duplicates: 1, rejected: 0 })
  assert.equal(status().messages.event, 3)
  assert.equal(status().failure, undefined)
  assert.ok(Date.now() - Number(status().lastMessageAt) < 60_000)
})

test('regression: a topic in mixed case is subscribed, and its messages are stored', async (t) => {
  const topic = 'v2.users.u1.conversations.cobrowseSessions'
  const { simulator, connected, accepted, inbox } = await listen(t, { topics: [topic] })
  await connected()
  assert.equal(simulator.notify(snapshot(1, topic)), 1)
  await accepted(1)
  const [claim] = await inbox.claim({ limit: 1, leaseMs: 60_000 })
  assert.equal(claim?.events[0]?.event.topic, 'users.conversations.cobrowsesessions')
  assert.equal(claim?.events[0]?.event.mediaType, 'cobrowse')
})

test('a lost socket reconnects on its channel, and the gap is counted', async (t) => {
  const { simulator, connected, accepted, status, log } = await listen(t, { queues: [queueId] })
  await connected()
  const before = status().gapMs
  // A refused call keeps the state between two sockets until the test sees it.
  simulator.addFault({ match: { method: 'PUT' }, status: 503, times: 1_000 })
  simulator.dropSockets()
  await until('it is noticed', () => status().connected === 0)
  assert.deepEqual(status().failure?.code, 'notifications_down')
  simulator.clearFaults()
  await connected(1)
  simulator.notify(snapshot(1))
  await accepted(1)
  const calls = channelCalls(simulator).filter((call) => !call.endsWith('503'))
  assert.deepEqual(calls, ['POST channels 200', 'PUT subscriptions 200', 'PUT subscriptions 200'])
  assert.ok(status().gapMs > before)
  assert.ok(log.entries().some(({ msg, gapMs }) => msg === 'notification socket open' && Number(gapMs) >= 0))
})

for (const code of [1000, 1001, 1012, 4000]) {
  test(`a socket closed with ${code} reconnects`, async (t) => {
    const { simulator, connected, log } = await listen(t, { topics: [userTopic] })
    await connected()
    simulator.dropSockets(code)
    await connected(1)
    assert.match(log.text(), new RegExp(`closed \\(${code}\\)`))
  })
}

test('a channel that Genesys Cloud ended is replaced', async (t) => {
  const { simulator, connected, accepted } = await listen(t, { queues: [queueId] })
  await connected()
  simulator.endChannels()
  await connected(1)
  simulator.notify(snapshot(1))
  await accepted(1)
  assert.equal(channelCalls(simulator).filter((call) => call.startsWith('POST')).length, 2)
})

test('a silent socket gets a ping, and reconnects without a reply', async (t) => {
  const { simulator, connected, accepted, status, log } = await listen(t, {
    queues: [queueId],
    simulator: { heartbeatMs: 600_000 },
    timing: { pingAfterMs: 60, deadAfterMs: 1_500 },
  })
  await connected()
  await until('pings are answered', () => status().messages.heartbeat >= 3)
  assert.equal(status().reconnects, 0, 'a server that answers is there')
  simulator.muteSockets()
  await connected(1)
  simulator.notify(snapshot(1))
  await accepted(1)
  assert.match(log.text(), /silent for \d+ ms/)
  assert.ok(status().gapMs >= 1_500, 'nobody knows when it fell deaf: from the last sign of life on')
})

test('heartbeats keep a connection alive', async (t) => {
  const { simulator, connected, status } = await listen(t, {
    topics: [userTopic],
    simulator: { heartbeatMs: 10 },
    timing: { pingAfterMs: 60_000, deadAfterMs: 1_000 },
  })
  await connected()
  await until('many heartbeats came', () => status().messages.heartbeat >= 150)
  assert.equal(status().reconnects, 0)
  assert.equal(simulator.channels().length, 1)
})

test('an announced close causes a new channel before the old one closes', async (t) => {
  const { simulator, connected, accepted, status } = await listen(t, {
    queues: [queueId],
    timing: { overlapMs: 50, stableMs: 0 },
  })
  await connected()
  const before = status().gapMs
  simulator.notify({ topicName: 'v2.system.socket_closing', eventBody: { message: 'maintenance' } })
  await until('the new one has taken over', () => status().renewals === 1)
  await until('the old socket is closed', () => simulator.channels().filter((c) => c.connected).length === 1)
  simulator.notify(snapshot(1))
  await accepted(1)
  assert.deepEqual([status().reconnects, status().gapMs], [0, before])
})

test('channels are renewed before they end without missing or duplicating messages', async (t) => {
  const { simulator, connected, status, totals } = await listen(t, {
    queues: [queueId],
    simulator: { channelLifeMs: 1_600 },
    timing: { renewAfter: 0.2, shortestLifeMs: 0, overlapMs: 100 },
  })
  await connected()
  const before = status().gapMs
  let said = 0
  let copies = 0
  const speaking = setInterval(() => {
    copies += simulator.notify(snapshot(said))
    said += 1
  }, 2)
  t.after(() => clearInterval(speaking))
  await until('six channels are renewed', () => status().renewals >= 6)
  clearInterval(speaking)
  await until('all is stored', () => totals.accepted + totals.duplicates === copies)
  t.diagnostic(`${said} messages, ${copies} copies, ${status().renewals} renewals`)
  assert.equal(totals.accepted, said)
  assert.equal(totals.duplicates, copies - said)
  assert.ok(copies > said, 'there were times when both sockets were open')
  assert.deepEqual([status().reconnects, status().gapMs], [0, before])
})

test('more topics than one channel can carry use several, each with its own socket', async (t) => {
  const topics = Array.from({ length: 2_100 }, (_, index) => `v2.users.u${index}.conversations`)
  const { simulator, connected, accepted, status } = await listen(t, { topics })
  await connected()
  assert.deepEqual(
    simulator.channels().map(({ topics }) => topics.length),
    [1_000, 1_000, 100],
  )
  simulator.notify(snapshot(1, topics[0]))
  simulator.notify(snapshot(2, topics[2_099]))
  await accepted(2)
  assert.deepEqual([status().channels, status().topics], [3, 2_100])
  simulator.dropSockets()
  await connected(3)
})

test('the maximum number of channels is renewed together without a loss', async (t) => {
  const topics = Array.from({ length: maxTopics }, (_, index) => `v2.users.u${index}.conversations`)
  const { simulator, connected, status } = await listen(t, { topics, timing: { stableMs: 0 } })
  await connected()
  const before = status().gapMs
  simulator.notify({ topicName: 'v2.system.socket_closing' })
  await until('all are renewed', () => status().renewals === 19)
  assert.deepEqual([status().connected, status().reconnects, status().gapMs], [19, 0, before])
})

test('unknown queues are reported by name, and the others are subscribed', async (t) => {
  const gone = '00000000-0000-4000-8000-000000000000'
  const { simulator, connected, accepted, status, log } = await listen(t, {
    queues: ['Sales', 'Nightshift', gone],
  })
  await connected()
  simulator.notify(snapshot(1))
  await accepted(1)
  assert.deepEqual(
    status().problems.map(({ code, subject }) => [code, subject]),
    [
      ['queue_not_found', gone],
      ['queue_not_found', 'Nightshift'],
    ],
  )
  assert.equal(status().failure?.code, 'queue_not_found')
  const told = log.entries().filter(({ code }) => code === 'queue_not_found')
  assert.deepEqual(
    told.map(({ queue }) => queue),
    [gone, 'Nightshift'],
  )
})

test('a refused topic is reported, and the others are subscribed', async (t) => {
  const refused = 'v2.routing.queues.unknown.conversations'
  const { simulator, connected, accepted, status } = await listen(t, { topics: [refused, userTopic] })
  await connected()
  simulator.notify(snapshot(1, userTopic))
  await accepted(1)
  const [problem] = status().problems
  assert.deepEqual([problem?.code, problem?.subject], ['topic_refused', refused])
  assert.equal(status().failure?.code, 'topic_refused')
})

test('without permission to read queues, queues configured by id are still subscribed', async (t) => {
  const { simulator, connected, accepted, status } = await listen(t, {
    queues: ['Sales', queueId],
    prepare: (simulator) =>
      simulator.addFault({ match: { path: '/api/v2/routing/queues' }, times: 2, status: 403 }),
  })
  await connected()
  simulator.notify(snapshot(1))
  await accepted(1)
  const [problem] = status().problems
  assert.equal(problem?.subject, 'Sales')
  assert.match(problem?.detail ?? '', /403/)
})

test('refused credentials are reported and retried with backoff', async (t) => {
  const { simulator, status, log } = await listen(t, { topics: [userTopic], clientSecret: 'wrong' })
  await until('the failure is reported', () => status().failure?.code === 'credentials_refused')
  await until('it is tried again', () => simulator.calls().length >= 3)
  assert.deepEqual([status().connected, status().channels], [0, 1])
  assert.match(log.text(), /"code":"credentials_refused"/)
  assert.doesNotMatch(log.text(), /wrong/)
})

test('a 429 delays every call until Retry-After has passed', async (t) => {
  const { simulator, connected, status } = await listen(t, {
    queues: [queueId],
    topics: [userTopic],
    prepare: (simulator) => {
      simulator.addFault({
        match: { path: '/api/v2/routing/queues' },
        status: 429,
        headers: { 'Retry-After': '0.3' },
      })
      simulator.addFault({
        match: { path: '/api/v2/notifications/channels' },
        status: 429,
        headers: { 'Retry-After': '0.3' },
      })
    },
  })
  await until('it waits', () => status().failure?.cause === 'rate_limited')
  await connected()
  const calls = simulator.calls().filter(({ path }) => path.startsWith('/api/'))
  assert.deepEqual(
    calls.map(({ status }) => status),
    [429, 200, 429, 200, 200],
  )
  const waits = [1, 3].map((index) => Number(calls[index]?.at) - Number(calls[index - 1]?.at))
  assert.ok(
    waits.every((ms) => ms >= 299),
    `${waits}`,
  )
})

test('a channel whose topics could not be set is reused', async (t) => {
  const { simulator, connected } = await listen(t, {
    topics: [userTopic],
    prepare: (simulator) => simulator.addFault({ match: { method: 'PUT' }, times: 2, status: 503 }),
  })
  await connected()
  assert.deepEqual(channelCalls(simulator), [
    'POST channels 200',
    'PUT subscriptions 503',
    'PUT subscriptions 503',
    'PUT subscriptions 200',
  ])
})

test('an expired token is replaced', async (t) => {
  const { simulator, connected } = await listen(t, { topics: [userTopic] })
  await connected()
  simulator.expireTokens()
  simulator.endChannels()
  await connected(1)
})

test('stop waits for a call in flight only for the grace period', async (t) => {
  const { simulator, notifications } = await listen(t, {
    topics: [userTopic],
    prepare: (simulator) => simulator.addFault({ match: { method: 'PUT' }, delayMs: 60_000 }),
  })
  await until('the call is under way', () => simulator.channels().some(({ connected }) => connected))
  const stoppedAt = performance.now()
  await notifications.stop(50)
  assert.ok(performance.now() - stoppedAt < 30_000)
})
