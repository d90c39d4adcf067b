import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { after, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Inbox, InboxUnavailableError } from '../../../src/inbox/inbox.ts'
import { newEvent } from '../../helpers/conversation-events.ts'
import { type PostgresServer, role, skipWithoutPostgres, startPostgres } from '../../helpers/postgres.ts'
import { terminateAll } from '../../helpers/postgres-process.ts'
import { rounds } from '../../helpers/rounds.ts'
import { until } from '../../helpers/wait.ts'
import { open } from './harness.ts'

/** The most connections of one process. */
const maxConnections = 8

/** Longer than an append, so that the test needs little CPU. */
const pauseMs = 5

/** Appends single events, with pauses, until it is stopped. Records what was accepted, and what was refused. */
function startAppending(inbox: Inbox, name: string) {
  const accepted: string[] = []
  const refused: unknown[] = []
  let isRunning = true
  const done = (async () => {
    for (let n = 0; isRunning; n += 1) {
      const identity = `${name}-${n}`
      try {
        await inbox.append([newEvent(identity, { conversationId: `c${n % 50}`, participantId: name })])
        accepted.push(identity)
      } catch (error) {
        refused.push(error)
      }
      await sleep(pauseMs)
    }
  })()
  return {
    accepted,
    refused,
    stop: async () => {
      isRunning = false
      await done
    },
  }
}

const openConnections = async (server: PostgresServer): Promise<number> => {
  const [row] = await server.admin<{ count: string }>(
    'SELECT count(*) FROM pg_stat_activity WHERE usename = $1',
    [role.name],
  )
  return Number(row?.count)
}

async function storedOf(inbox: Inbox, identities: readonly string[]): Promise<string[]> {
  const found = await Promise.all(identities.map((identity) => inbox.event(identity)))
  return identities.filter((_, index) => found[index] !== undefined)
}

const acceptsAgain = (inbox: Inbox, identity: string) =>
  until('the inbox accepts events again', () =>
    inbox.append([newEvent(identity)]).then(
      () => true,
      () => false,
    ),
  )

describe('faults of the PostgreSQL server', { skip: skipWithoutPostgres }, async () => {
  if (skipWithoutPostgres !== false) return
  const server = await startPostgres({ after }, {})

  test('kill -9 during appends loses no accepted event, and appends succeed after its restart', async (t) => {
    const { inbox } = await open(t, await server.createStore())
    const writers = ['a', 'b', 'c'].map((name) => startAppending(inbox, name))
    for (let round = 1; round <= rounds(2); round += 1) {
      const before = writers.map(({ accepted }) => accepted.length)
      await until('every writer makes progress', () =>
        writers.every(({ accepted }, index) => accepted.length > (before[index] ?? 0) + 10),
      )
      await server.kill()
      const refusals = writers.map(({ refused }) => refused.length)
      await until('every writer is refused', () =>
        writers.every(({ refused }, index) => refused.length > (refusals[index] ?? 0)),
      )
      await server.start()
    }
    await acceptsAgain(inbox, 'last')
    for (const writer of writers) await writer.stop()
    for (const { accepted, refused } of writers) {
      assert.deepEqual(await storedOf(inbox, accepted), accepted)
      for (const error of refused) assert.ok(error instanceof InboxUnavailableError, String(error))
    }
    const { pending } = await inbox.stats()
    // The right to deliver may have ended during the outages; it is renewed soon.
    const claimed = await until('events are claimable', () =>
      inbox.claim({ limit: 1_000, leaseMs: 60_000 }).catch(() => undefined),
    )
    const rows = claimed.reduce((sum, { events }) => sum + events.length, 0)
    assert.equal(rows, pending, 'the counters equal the rows')
  })

  test('connections that the server ends at random lose nothing and are not leaked', async (t) => {
    const { inbox } = await open(t, await server.createStore())
    const writers = ['a', 'b', 'c'].map((name) => startAppending(inbox, name))
    let isDelivering = true
    const settled: string[] = []
    const delivery = (async () => {
      while (isDelivering) {
        try {
          for (const claim of await inbox.claim({ limit: 3, leaseMs: 60_000 })) {
            const outcomes = claim.events.map(({ sequence }) => ({ sequence, state: 'unchanged' as const }))
            // Like the service, it repeats a settlement that failed.
            for (let result = ''; result !== 'settled'; )
              result = await inbox.settle(claim, { outcomes }).catch(() => '')
            settled.push(...claim.events.map(({ event }) => event.identity))
          }
        } catch {} // the connection has ended
        await sleep(pauseMs)
      }
    })()
    for (let round = 1; round <= rounds(4); round += 1) {
      const before = settled.length
      await until('delivery makes progress', () => settled.length > before)
      await terminateAll(server, role.name)
    }
    for (const writer of writers) await writer.stop()
    await until('all is settled', async () => (await inbox.stats().catch(() => undefined))?.pending === 0)
    isDelivering = false
    await delivery
    assert.equal(new Set(settled).size, settled.length, 'no event was settled twice')
    const accepted = writers.flatMap((writer) => writer.accepted)
    const missing = accepted.filter((identity) => !settled.includes(identity))
    assert.deepEqual(missing, [])
    assert.ok((await openConnections(server)) <= maxConnections)
  })

  test('a server that does not answer makes appends fail in time, and they succeed when it goes on', async (t) => {
    const { inbox } = await open(t, await server.createStore(), { statementTimeoutMs: 400 })
    await inbox.append([newEvent('before')])
    server.signal('SIGSTOP')
    try {
      for (let n = 0; n < 3; n += 1)
        await assert.rejects(inbox.append([newEvent(`during-${n}`)]), /does not answer in time \(TIMEOUT\)/)
      await assert.rejects(inbox.checkWritable(), InboxUnavailableError)
    } finally {
      server.signal('SIGCONT')
    }
    await acceptsAgain(inbox, 'after')
    await until('abandoned connections end', async () => (await openConnections(server)) <= maxConnections)
  })

  test('without a free connection at the server, appends fail, and succeed when there is one', async (t) => {
    const { inbox } = await open(t, await server.createStore())
    await server.admin(`ALTER ROLE ${role.name} CONNECTION LIMIT 0`)
    await terminateAll(server, role.name)
    await until('the inbox says why', () =>
      inbox.append([newEvent('during')]).then(
        () => false,
        (error) => /has no free connection \(53300\)/.test(String(error)),
      ),
    )
    await server.admin(`ALTER ROLE ${role.name} CONNECTION LIMIT -1`)
    await acceptsAgain(inbox, 'after')
  })

  test('while the server is read-only, appends and the check of writes fail', async (t) => {
    const { inbox } = await open(t, await server.createStore())
    await server.admin('ALTER DATABASE inbox SET default_transaction_read_only = on')
    await terminateAll(server, role.name)
    await until('the inbox says why', () =>
      inbox.append([newEvent('during')]).then(
        () => false,
        (error) => /accepts no writes \(25006\)/.test(String(error)),
      ),
    )
    await assert.rejects(inbox.checkWritable(), InboxUnavailableError)
    await server.admin('ALTER DATABASE inbox RESET default_transaction_read_only')
    await acceptsAgain(inbox, 'after')
    await inbox.checkWritable()
  })

  test('checkWritable notices a server that is gone although nothing was written', async (t) => {
    const { inbox } = await open(t, await server.createStore())
    await inbox.checkWritable()
    await server.kill()
    await until('it rejects', () =>
      inbox.checkWritable().then(
        () => false,
        () => true,
      ),
    )
    await server.start()
  })

  test('while the server refuses connections, many appends cause few attempts', async (t) => {
    let attempts = 0
    const refusing = createServer((socket) => {
      attempts += 1
      socket.destroy()
    }).listen(0, '127.0.0.1')
    await once(refusing, 'listening')
    t.after(() => refusing.close())
    const address = refusing.address()
    assert.ok(address !== null && typeof address === 'object')
    const url = (await server.createStore()).replace(
      `:${server.port}`,
      `:${server.port},127.0.0.1:${address.port}`,
    )
    const own = await open(t, url)
    await own.inbox.append([newEvent('before')])
    await server.kill()
    const appends = Array.from({ length: 500 }, (_, n) => own.inbox.append([newEvent(`during-${n}`)]))
    const results = await Promise.allSettled(appends)
    assert.ok(results.every(({ status }) => status === 'rejected'))
    for (let n = 0; n < 200; n += 1) await assert.rejects(own.inbox.append([newEvent(`later-${n}`)]))
    assert.ok(attempts <= 10, `${attempts} attempts`)
    await server.start()
    await acceptsAgain(own.inbox, 'after')
  })
})
