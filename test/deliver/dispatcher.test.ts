import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { conversationEvent } from '../helpers/conversation-events.ts'
import { until } from '../simulator/harness.ts'
import { holdCalls, setting, setUp, slowPollMs } from './harness.ts'

test('an accepted event sets the attributes of its participant and is settled', async (t) => {
  const { dispatcher, accept, settled, reports, patches, attributesOf, inbox } = await setUp(t)
  dispatcher.start()
  dispatcher.start()
  await accept(setting('e1', { tier: 'gold' }))
  assert.deepEqual(await settled(1), { e1: 'applied' })
  assert.deepEqual(attributesOf('p1'), { tier: 'gold' })
  assert.equal(patches().length, 1)
  assert.equal(reports[0]?.answer?.kind, 'ok')
  const { pending, inFlight, dead } = await inbox.stats()
  assert.deepEqual([pending, inFlight, dead], [0, 0, 0])
  assert.deepEqual(dispatcher.state(), {
    state: 'running',
    pausedUntil: undefined,
    reason: undefined,
    wedged: false,
    rebuilds: 0,
  })
})

test('events that are pending at the start are delivered, the most urgent first', async (t) => {
  const { dispatcher, accept, settled, patches } = await setUp(t, { maxInFlight: 1 })
  const of = (participantId: string) => setting(participantId, { tier: 'gold' }, { participantId })
  await accept({ ...of('p1'), priority: 2 }, of('p2'), { ...of('p3'), priority: 0 })
  dispatcher.start()
  await settled(3)
  assert.deepEqual(
    patches().map(({ participantId }) => participantId),
    ['p3', 'p2', 'p1'],
  )
})

test('the pending events of one participant are merged into one PATCH with the latest values', async (t) => {
  const { dispatcher, accept, settled, patches, now } = await setUp(t)
  const start = now()
  const events = Array.from({ length: 30 }, (_, n) =>
    setting(`e${n}`, { tier: `t${n}`, [`only${n % 3}`]: 'x' }, { occurredAt: start - Math.abs(n - 20) }),
  )
  await accept(...events)
  dispatcher.start()
  const outcomes = await settled(30)
  assert.deepEqual(new Set(Object.values(outcomes)), new Set(['applied']))
  assert.deepEqual(
    patches().map(({ attributes }) => attributes),
    [{ tier: 't20', only0: 'x', only1: 'x', only2: 'x' }],
  )
})

test('events that arrive during a PATCH cause exactly one more PATCH', async (t) => {
  const { held, call } = holdCalls()
  const { dispatcher, accept, settled, patches } = await setUp(t, { call })
  dispatcher.start()
  await accept(setting('e0', { tier: 't0' }))
  await until(() => held.arrived === 1)
  for (let n = 1; n <= 10; n += 1) await accept(setting(`e${n}`, { tier: `t${n}` }))
  held.release()
  await settled(11)
  assert.deepEqual(
    patches().map(({ attributes }) => attributes?.tier),
    ['t0', 't10'],
  )
})

test('PATCHes of one participant never overlap, and the latest value stays', async (t) => {
  const { dispatcher, accept, settled, patches, attributesOf, now } = await setUp(t, {
    simulator: { latencyMs: 5 },
  })
  dispatcher.start()
  const start = now()
  const total = 10 * 12
  for (let round = 0; round < 12; round += 1) {
    const events = Array.from({ length: 10 }, (_, p) =>
      setting(`${p}-${round}`, { tier: `t${round}` }, { participantId: `p${p}`, occurredAt: start + round }),
    )
    await accept(...events)
  }
  await settled(total)
  assert.ok(patches().length < total, 'nothing was merged')
  assert.deepEqual(new Set(patches().map((patch) => patch.inFlightForParticipant)), new Set([1]))
  for (let p = 0; p < 10; p += 1) assert.deepEqual(attributesOf(`p${p}`), { tier: 't11' })
})

test('the number of concurrent calls reaches MAX_IN_FLIGHT and never exceeds it', async (t) => {
  const { held, call } = holdCalls(1) // the first finds out about the rate window, by itself
  const { dispatcher, accept, settled } = await setUp(t, { maxInFlight: 4, call })
  dispatcher.start()
  await accept(
    ...Array.from({ length: 12 }, (_, p) => setting(`e${p}`, { tier: 'gold' }, { participantId: `p${p}` })),
  )
  await until(() => held.arrived === 4)
  await sleep(30) // long enough for a fifth call, if a slot were free
  held.release()
  await settled(12)
  assert.equal(held.mostUnderWay, 4)
})

test('an event with nothing to set is unchanged, without a call', async (t) => {
  const { dispatcher, accept, settled, patches } = await setUp(t)
  dispatcher.start()
  await accept(setting('e1', {}), setting('e2', {}, { participantId: 'p2' }))
  assert.deepEqual(await settled(2), { e1: 'unchanged', e2: 'unchanged' })
  assert.deepEqual(patches(), [])
})

test('events that need no call do not wait for the rate window', async (t) => {
  const { dispatcher, accept, settled } = await setUp(t, { simulator: { rateLimit: 1 } })
  dispatcher.start()
  await accept(...Array.from({ length: 500 }, (_, n) => setting(`e${n}`, {}, { participantId: `q${n}` })))
  const outcomes = await settled(500)
  assert.deepEqual(new Set(Object.values(outcomes)), new Set(['unchanged']))
})

test('an event without a participant is a dead letter if a rule sets values', async (t) => {
  const { dispatcher, accept, settled, patches } = await setUp(t)
  dispatcher.start()
  const without = (identity: string, conversationId: string, attributes: Record<string, string>) => {
    const { participantId: _, ...event } = conversationEvent(identity, { conversationId, attributes })
    return { event, priority: 1 as const }
  }
  await accept(without('e1', 'c1', { tier: 'gold' }), without('e2', 'c2', {}))
  assert.deepEqual(await settled(2), { e1: 'participant_not_found', e2: 'unchanged' })
  assert.deepEqual(patches(), [])
})

test('the event of our own PATCH is unchanged, also if it is delivered twice', async (t) => {
  const { dispatcher, accept, settled, patches, now } = await setUp(t)
  dispatcher.start()
  await accept(setting('e1', { tier: 'gold' }))
  await settled(1)
  for (const identity of ['echo', 'echo of the echo']) {
    const participant = { attributes: { tier: 'gold' } }
    await accept(setting(identity, { tier: 'gold' }, { participant, occurredAt: now() }))
  }
  const outcomes = await settled(3)
  assert.deepEqual([outcomes.echo, outcomes['echo of the echo']], ['unchanged', 'unchanged'])
  assert.equal(patches().length, 1)
})

test('a late event does not overwrite the value of a newer one', async (t) => {
  const { dispatcher, accept, settled, attributesOf, patches, now } = await setUp(t)
  dispatcher.start()
  const start = now()
  await accept(setting('newer', { tier: 'gold' }, { occurredAt: start - 1_000 }))
  await settled(1)
  await accept(setting('older', { tier: 'silver', region: 'emea' }, { occurredAt: start - 2_000 }))
  assert.deepEqual(await settled(2), { newer: 'applied', older: 'applied' })
  assert.deepEqual(attributesOf('p1'), { tier: 'gold', region: 'emea' })
  assert.deepEqual(patches()[1]?.attributes, { region: 'emea' })
})

test('a spent rate budget makes events wait and causes no 429', async (t) => {
  const { dispatcher, accept, settled, patches, inbox } = await setUp(t, { simulator: { rateLimit: 8 } })
  dispatcher.start()
  await accept(
    ...Array.from({ length: 20 }, (_, p) => setting(`e${p}`, { tier: 'gold' }, { participantId: `p${p}` })),
  )
  await settled(8)
  await dispatcher.stop(1_000)
  assert.deepEqual(
    patches().map(({ status }) => status),
    Array.from({ length: 8 }, () => 202),
  )
  assert.equal((await inbox.stats()).pending, 12)
})

test('an event that becomes due during a search does not wait for the poll', async (t) => {
  let jump = (_ms: number) => {}
  const { dispatcher, accept, settled, simulator, ...delivery } = await setUp(t, {
    maxInFlight: 1, // no second search behind the first
    // Time passes between the search, which finds nothing due, and the start of the timer.
    inbox: (inbox) => ({
      ...inbox,
      nextDueAt: async () => {
        const due = await inbox.nextDueAt()
        if (due !== undefined) jump(200)
        return due
      },
    }),
  })
  jump = delivery.jump
  simulator.addFault({ match: { method: 'PATCH' }, status: 503 })
  dispatcher.start()
  await accept(setting('e1', { tier: 'gold' }))
  const start = performance.now()
  await settled(1)
  assert.ok(performance.now() - start < slowPollMs)
})

test('a failed search is logged, backs off, and runs again when an event is accepted', async (t) => {
  let searches = 0
  const { dispatcher, accept, settled, advance, log } = await setUp(t, {
    inbox: (inbox) => ({
      ...inbox,
      claim: async (request) => {
        searches += 1
        if (searches === 1) throw new Error('broken')
        return inbox.claim(request)
      },
    }),
  })
  await accept(setting('e1', { tier: 'gold' }))
  dispatcher.start()
  await until(() => log.length === 1)
  assert.deepEqual(log, ['delivery failed unexpectedly'])
  await sleep(30) // time enough for thousands, did it run hot
  assert.equal(searches, 1)
  advance(0)
  assert.deepEqual(await settled(1), { e1: 'applied' })
})

test('a failed search also backs off while work is due', async (t) => {
  let searches = 0
  const { dispatcher, accept, simulator, log } = await setUp(t, {
    maxInFlight: 1,
    inbox: (inbox) => ({
      ...inbox,
      claim: async (request) => {
        searches += 1
        if (searches > 2) throw new Error('broken')
        return inbox.claim(request)
      },
    }),
  })
  simulator.addFault({ match: { method: 'PATCH' }, status: 503 })
  dispatcher.start()
  await accept(setting('e1', { tier: 'gold' })) // fails, and is due again soon
  await until(() => log.includes('delivery failed unexpectedly'))
  await sleep(30)
  assert.equal(searches, 3)
})

test('an event accepted during a search without result does not wait for the poll', async (t) => {
  let atTheEnd = async () => {}
  const { dispatcher, accept, settled } = await setUp(t, {
    maxInFlight: 1,
    inbox: (inbox) => ({
      ...inbox,
      nextDueAt: async () => {
        const due = await inbox.nextDueAt()
        await atTheEnd()
        return due
      },
    }),
  })
  atTheEnd = async () => {
    atTheEnd = async () => {}
    await accept(setting('e1', { tier: 'gold' }))
  }
  const start = performance.now()
  dispatcher.start()
  await settled(1)
  assert.ok(performance.now() - start < slowPollMs)
})

test('when the lease expires during a call, the outcome is discarded and the event is retried', async (t) => {
  const { held, call } = holdCalls()
  const { dispatcher, accept, settled, jump, log, patches, reports } = await setUp(t, {
    call,
    leaseMs: 1_000,
  })
  dispatcher.start()
  await accept(setting('e1', { tier: 'gold' }))
  await until(() => held.arrived === 1)
  jump(1_000)
  held.release()
  assert.deepEqual(await settled(1), { e1: 'applied' })
  assert.deepEqual(log, ['lease expired before the outcome was recorded'])
  assert.deepEqual([patches().length, reports.length], [2, 1])
})
