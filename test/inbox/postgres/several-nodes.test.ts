import assert from 'node:assert/strict'
import { after, describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Inbox, NodeOptions } from '../../../src/inbox/inbox.ts'
import { createConnections } from '../../../src/inbox/postgres/connections.ts'
import { createEngine } from '../../../src/inbox/postgres/engine.ts'
import { parseLocation } from '../../../src/inbox/postgres/location.ts'
import type { PostgresInboxOptions } from '../../../src/inbox/postgres/postgres.ts'
import { newEvent } from '../../helpers/conversation-events.ts'
import { schemaOf, skipWithoutPostgres, startPostgres } from '../../helpers/postgres.ts'
import { rounds } from '../../helpers/rounds.ts'
import { until } from '../../helpers/wait.ts'
import { locationOf, open as openInbox } from './harness.ts'
import { keepConnections } from './kept-connections.ts'

const nodeOf = (options: Partial<NodeOptions>): NodeOptions => ({
  id: 'node',
  role: 'all',
  leaseMs: 10_000,
  rulesVersion: () => undefined,
  ...options,
})

describe('several nodes on one PostgreSQL inbox', { skip: skipWithoutPostgres }, async () => {
  if (skipWithoutPostgres !== false) return
  const server = await startPostgres({ after })
  const url = await server.createStore()
  const schema = schemaOf(url)
  const openConnection = keepConnections({ after })

  /** Opens an inbox. Each test has an OAuth client of its own, so all can share the store. */
  const open = (t: TestContext, options: Partial<PostgresInboxOptions> = {}) =>
    openInbox(t, url, { client: t.name, openConnection, ...options })

  /** The inbox of a node that only appends: it does not own the delivery. */
  function appender(t: TestContext, maxPending = 100_000): Inbox {
    const connect = () =>
      createConnections({
        location: parseLocation(locationOf(url)),
        max: 2,
        open: openConnection,
        timeoutMs: 10_000,
        monotonic: () => performance.now(),
      })
    const inbox = createEngine({
      client: t.name,
      maxPending,
      now: Date.now,
      node: nodeOf({ id: 'appender', role: 'ingest' }),
      realTime: () => performance.now(),
      work: connect(),
      reads: connect(),
      listening: connect(),
      renewing: connect(),
      lastAcceptedAt: 0,
    })
    t.after(() => inbox.close())
    return inbox
  }

  test('an identity that all nodes append at one time is accepted once', async (t) => {
    const { inbox: owner } = await open(t)
    const nodes = [owner, appender(t), appender(t)]
    for (let round = 0; round < rounds(8); round += 1) {
      const identities = Array.from({ length: 30 }, (_, n) => `r${round}-${n}`)
      const batches = nodes.map((node, index) => {
        const order = index === 1 ? identities.toReversed() : identities
        return node.append(order.map((identity, n) => newEvent(identity, { participantId: `p${n % 7}` })))
      })
      const results = await Promise.all(batches)
      const accepted = results.flatMap((result) => (result.kind === 'appended' ? result.results : []))
      assert.equal(accepted.filter((result) => result === 'accepted').length, identities.length)
    }
    assert.equal((await owner.stats()).pending, 30 * rounds(8))
  })

  test('the limit of pending events is never exceeded', async (t) => {
    const { inbox: owner } = await open(t, { maxPending: 100 })
    const nodes = [owner, appender(t, 100), appender(t, 100), appender(t, 100)]
    const results = await Promise.all(
      nodes.flatMap((node, index) =>
        Array.from({ length: 40 }, (_, n) => node.append([newEvent(`n${index}-${n}`)])),
      ),
    )
    const accepted = results.filter(({ kind }) => kind === 'appended').length
    assert.equal(accepted, 100)
    assert.equal((await owner.stats()).pending, 100)
  })

  test('events that other nodes append while a participant is settled are never left behind', async (t) => {
    const { inbox: owner } = await open(t)
    const nodes = [appender(t), appender(t)]
    let isAppending = true
    const appended: string[] = []
    const appending = nodes.map(async (node, index) => {
      for (let n = 0; n < rounds(60); n += 1) {
        const identity = `n${index}-${n}`
        // Few participants, so that nearly every append meets a settlement.
        await node.append([newEvent(identity, { participantId: `p${n % 2}` })])
        appended.push(identity)
      }
    })
    const done = Promise.all(appending).then(() => {
      isAppending = false
    })
    const settled: string[] = []
    for (;;) {
      const wasAppending = isAppending
      const claims = await owner.claim({ limit: 2, leaseMs: 60_000 })
      await Promise.all(
        claims.map(async (claim) => {
          const outcomes = claim.events.map(({ sequence }) => ({ sequence, state: 'unchanged' as const }))
          assert.equal(await owner.settle(claim, { outcomes }), 'settled')
          settled.push(...claim.events.map(({ event }) => event.identity))
        }),
      )
      if (claims.length === 0 && !wasAppending) break
    }
    await done
    assert.deepEqual(settled.toSorted(), appended.toSorted())
    const { pending } = await owner.stats()
    assert.equal(pending, 0)
  })

  test('a node that lost the ownership cannot settle', async (t) => {
    const { inbox } = await open(t)
    await inbox.append([newEvent('e1')])
    const [claim] = await inbox.claim({ limit: 1, leaseMs: 60_000 })
    assert.ok(claim !== undefined)
    await server.admin(`UPDATE ${schema}.inbox_owners SET epoch = epoch + 1, node = 'another'`)
    const outcomes = claim.events.map(({ sequence }) => ({ sequence, state: 'applied' as const }))
    assert.equal(await inbox.settle(claim, { outcomes }), 'lease_lost')
    assert.equal((await inbox.event('e1'))?.history.state, 'pending')
  })

  test('a node whose lease was not renewed claims nothing, and continues when it has the lease again', async (t) => {
    const { inbox, notices } = await open(t, { node: nodeOf({ leaseMs: 300 }) })
    await inbox.append([newEvent('e1')])
    const takenOver = `UPDATE ${schema}.inbox_owners SET epoch = epoch + 1, node = 'another', expires_at = clock_timestamp() + interval '700 ms'`
    await server.admin(takenOver)
    const rejected = async () =>
      inbox.claim({ limit: 1, leaseMs: 1 }).then(
        () => false,
        () => true,
      )
    while (!(await rejected())) await sleep(10) // for a moment only, so not `until`
    await new Promise<void>((resolve) => inbox.onWork(resolve))
    assert.equal((await inbox.claim({ limit: 1, leaseMs: 60_000 })).length, 1)
    const told = notices.map(({ message }) => message)
    assert.deepEqual(told.slice(-2), ['this node no longer delivers', 'this node delivers'])
  })

  /** Locks a table for that long. Resolves when it is locked, with a promise of the end. */
  async function lock(table: string, seconds: number) {
    const name = `${schema}.${table}`
    const end = server.admin(
      `DO $$ BEGIN LOCK TABLE ${name} IN ACCESS EXCLUSIVE MODE; PERFORM pg_sleep(${seconds}); END $$`,
    )
    await until('the table is locked', async () => (await locksOf(name, true)) === 1)
    return { end, waiting: () => locksOf(name, false) }
  }
  const locksOf = async (table: string, granted: boolean): Promise<number> =>
    (
      await server.admin('SELECT FROM pg_locks WHERE relation = $1::regclass AND granted = $2', [
        table,
        granted,
      ])
    ).length

  test('a node renews its right while other statements hold all its connections', async (t) => {
    const { inbox, notices } = await open(t, { node: nodeOf({ leaseMs: 2_000 }) })
    const locked = await lock('inbox_counters', 4)
    const stuck = Array.from({ length: 8 }, () => inbox.stats())
    await until('four statements wait', async () => (await locked.waiting()) === 4)
    await Promise.all([locked.end, ...stuck])
    assert.equal(inbox.nodes?.mayDeliver(), true)
    assert.ok(notices.every(({ message }) => message !== 'this node no longer delivers'))
  })

  test('a claim that was read before another node delivered is void', async (t) => {
    const { inbox } = await open(t, { node: nodeOf({ leaseMs: 500 }) })
    await inbox.append([newEvent('e1')])
    const locked = await lock('inbox_participants', 3)
    const stale = inbox.claim({ limit: 1, leaseMs: 60_000 })
    await until('the claim waits', async () => (await locked.waiting()) === 1)
    await server.admin(
      `UPDATE ${schema}.inbox_owners SET epoch = epoch + 1, node = 'another', expires_at = clock_timestamp()`,
    )
    assert.deepEqual(await stale, [])
    await locked.end
    await until('it delivers again', () => inbox.nodes?.mayDeliver())
    assert.equal((await inbox.claim({ limit: 1, leaseMs: 60_000 })).length, 1)
  })
})
