import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Inbox } from '../../../../src/inbox/inbox.ts'
import { openInbox } from '../../../../src/inbox/open-inbox.ts'
import { openPostgresInbox } from '../../../../src/inbox/postgres/postgres.ts'
import { newEvent } from '../../../helpers/conversation-events.ts'
import { type PostgresServer, skipWithoutPostgres as skip, startPostgres } from '../../../helpers/postgres.ts'
import { copy, newFile } from '../../transfer/harness.ts'
import { locationOf } from '../harness.ts'
import { keepConnections } from '../kept-connections.ts'

const releases: (() => unknown)[] = []
const owner = { after: (release: () => unknown) => void releases.push(release) }
let server: PostgresServer
before(async () => {
  if (skip === false) server = await startPostgres(owner)
})
after(async () => {
  for (const release of releases.reverse()) await release()
})

const openConnection = keepConnections(owner)
const open = (url: string, client: string): Promise<Inbox> =>
  openPostgresInbox({
    location: locationOf(url),
    client,
    openConnection,
    maxPending: 100_000,
    now: Date.now,
  })

/** Stores events and returns their number. */
async function append(url: string, client: string, identities: readonly string[]): Promise<void> {
  const inbox = await open(url, client)
  await inbox.append(identities.map((identity) => newEvent(identity)))
  await inbox.close()
}

async function pendingOf(url: string, client: string): Promise<number> {
  const inbox = await open(url, client)
  const { pending } = await inbox.stats()
  await inbox.close()
  return pending
}

test('several clients in one database: each is copied by itself, and a discarded copy leaves the others', {
  skip,
}, async (t) => {
  const url = await server.createStore()
  await append(url, 'one', ['e1', 'e2'])
  await append(url, 'two', ['e1', 'e2', 'e3'])
  const isConfiguration = true
  await assert.rejects(copy(url, await newFile(t), { client: undefined }), {
    isConfiguration,
    message: /several OAuth clients or of none \(one, two\): name the one that you mean with --client/,
  })
  await assert.rejects(copy(url, await newFile(t), { client: 'three' }), {
    isConfiguration,
    message: /no events of the OAuth client three: name one of those that it has \(one, two\)/,
  })
  const file = await newFile(t)
  const copied = await copy(url, file, { client: 'two' })
  assert.deepEqual([copied.counts.events, copied.differences], [3, []])

  const interrupted = copy(file, url, {
    client: 'three',
    onProgress: () => {
      throw new Error('interrupted')
    },
  })
  await assert.rejects(interrupted, /interrupted/)
  await assert.rejects(open(url, 'three'), /unfinished copy/)
  assert.equal(await pendingOf(url, 'one'), 2)
  await copy(file, url, { client: 'three', restart: true })
  assert.deepEqual(
    [await pendingOf(url, 'one'), await pendingOf(url, 'two'), await pendingOf(url, 'three')],
    [2, 3, 3],
  )
  // New events of every client get sequences of their own.
  for (const [client, pending] of [
    ['one', 3],
    ['two', 4],
    ['three', 4],
  ] as const) {
    await append(url, client, ['e9'])
    assert.equal(await pendingOf(url, client), pending)
  }
})

test('without a client, a copy into PostgreSQL is refused as wrong configuration', { skip }, async (t) => {
  const url = await server.createStore()
  const file = await newFile(t)
  await (await openInbox({ url: file, maxPending: 10, now: Date.now })).close()
  await assert.rejects(copy(file, url, { client: undefined }), {
    isConfiguration: true,
    message: /OAuth client of the events is not known: name it with --client/,
  })
})

test('a database without an inbox is refused as FROM', { skip }, async (t) => {
  const url = await server.createStore()
  await assert.rejects(copy(url, await newFile(t)), /There is no inbox in/)
})
