import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { type Inbox, InboxOpenError, InboxUnavailableError } from '../../../src/inbox/inbox.ts'
import { supportedSchema } from '../../../src/inbox/postgres/migrations.ts'
import { newEvent } from '../../helpers/conversation-events.ts'
import { role, schemaOf, skipWithoutPostgres, startPostgres } from '../../helpers/postgres.ts'
import { until } from '../../helpers/wait.ts'
import { open } from './harness.ts'
import { keepConnections } from './kept-connections.ts'

describe('opening a PostgreSQL inbox', { skip: skipWithoutPostgres }, async () => {
  if (skipWithoutPostgres !== false) return
  const server = await startPostgres({ after })
  const openConnection = keepConnections({ after })

  async function openError(url: string, options = {}): Promise<InboxOpenError> {
    const error = await open({ after }, url, options).then(
      () => assert.fail('it opened'),
      (caught: unknown) => caught,
    )
    assert.ok(error instanceof InboxOpenError, String(error))
    assert.ok(!error.message.includes(role.password), error.message)
    return error
  }

  test('a wrong password is an error that names the remedy', async () => {
    const url = (await server.createStore()).replace(role.password, 'wrong-pw')
    const { message } = await openError(url)
    assert.match(
      message,
      /refuses the password of enricher \(28P01\)\. To solve it, correct user and password/,
    )
    assert.ok(!message.includes('wrong-pw'))
  })

  test('a database that does not exist is an error that names the remedy', async () => {
    const url = (await server.createStore()).replace('/inbox', '/missing')
    assert.match(
      (await openError(url)).message,
      /database missing does not exist .*CREATE DATABASE missing OWNER/,
    )
  })

  test('a schema that does not exist is an error that names the remedy', async () => {
    const url = (await server.createStore()).replace(/search_path=\w+/, 'search_path=nowhere')
    assert.match((await openError(url)).message, /names no schema that exists .*CREATE SCHEMA/)
  })

  test('a schema without the right to create tables is an error that names the remedy', async () => {
    await server.admin('CREATE SCHEMA foreign_schema')
    await server.admin(`GRANT USAGE ON SCHEMA foreign_schema TO ${role.name}`)
    const url = (await server.createStore()).replace(/search_path=\w+/, 'search_path=foreign_schema')
    assert.match((await openError(url)).message, /lacks a right .*CREATE SCHEMA … AUTHORIZATION enricher/)
  })

  test('TLS that the server does not offer is an error that names the remedy', async () => {
    const url = `${await server.createStore()}&sslmode=require`
    assert.match((await openError(url)).message, /does not offer TLS .*sslmode=disable/)
  })

  test('a database that does not use UTF8 is an error that names the remedy', async () => {
    await server.admin("CREATE DATABASE latin OWNER enricher ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    const url = (await server.createStore()).replace('/inbox', '/latin').replace(/\?.*/, '')
    assert.match((await openError(url)).message, /has the encoding LATIN1: create one with ENCODING 'UTF8'/)
  })

  test('a newer schema is refused, unless this version can still use it', async (t) => {
    const url = await server.createStore()
    const schema = schemaOf(url)
    const { inbox } = await open(t, url, { openConnection })
    await inbox.close()
    await server.admin(`UPDATE ${schema}.inbox_schema SET version = 9`)
    const usable = await open(t, url, { openConnection })
    await usable.inbox.checkWritable()
    await usable.inbox.close()
    await server.admin(`UPDATE ${schema}.inbox_schema SET usable_by = 9`)
    assert.match(
      (await openError(url)).message,
      new RegExp(`newer version \\(schema 9, this version supports ${supportedSchema}\\): run that version`),
    )
  })

  test('processes that start at one time create the tables once', async (t) => {
    const url = await server.createStore()
    const opened = await Promise.all(['one', 'two', 'three'].map((client) => open(t, url, { client })))
    for (const { inbox } of opened) {
      assert.deepEqual(await inbox.append([newEvent('e1')]), { kind: 'appended', results: ['accepted'] })
      assert.equal((await inbox.stats()).pending, 1)
    }
  })

  test('OAuth clients that share a database do not see each other', async (t) => {
    const url = await server.createStore()
    const { inbox: one } = await open(t, url, { client: 'one', openConnection })
    const { inbox: other } = await open(t, url, { client: 'other', openConnection })
    await one.append([newEvent('e1')])
    assert.equal(await other.event('e1'), undefined)
    assert.deepEqual(await other.claim({ limit: 10, leaseMs: 1_000 }), [])
    assert.equal((await one.claim({ limit: 10, leaseMs: 1_000 })).length, 1)
  })

  test('without the name of a client, the only one in the database is used', async (t) => {
    const url = await server.createStore()
    const { inbox } = await open(t, url, { client: 'only', openConnection })
    await inbox.append([newEvent('e1')])
    await inbox.close()
    const again = await open(t, url, { client: undefined, openConnection })
    assert.equal((await again.inbox.stats()).pending, 1)
    await again.inbox.close()
    const second = await open(t, url, { client: 'second', openConnection })
    await second.inbox.close()
    assert.match(
      (await openError(url, { client: undefined, openConnection })).message,
      /several OAuth clients: set GENESYS_CLIENT_ID/,
    )
  })

  test('an ingest node without a client waits until another node has named it', async (t) => {
    const url = await server.createStore()
    const node = { id: 'ingest', role: 'ingest', leaseMs: 10_000, rulesVersion: () => undefined } as const
    const ingest = await open(t, url, { client: undefined, node })
    await assert.rejects(ingest.inbox.append([newEvent('e1')]), (error) => {
      assert.ok(error instanceof InboxUnavailableError)
      assert.match(error.message, /has no OAuth client yet.*set GENESYS_CLIENT_ID on this node too/)
      return true
    })
    const { inbox } = await open(t, url)
    await ingest.inbox.opened?.()
    await ingest.inbox.append([newEvent('e1')])
    assert.equal((await inbox.claim({ limit: 1, leaseMs: 60_000 })).length, 1)
  })

  test('a required synchronous standby that is missing is an error', async () => {
    const url = await server.createStore()
    assert.match(
      (await openError(url, { requireSyncStandby: true })).message,
      /no synchronous standby, which STORE_REQUIRE_SYNC_STANDBY=true demands: set synchronous_standby_names/,
    )
  })

  test('settings that lose accepted events are logged at the start', async (t) => {
    const { inbox, notices } = await open(t, await server.createStore())
    assert.equal(inbox.durability?.()?.survives, 'process_end')
    const warning = notices.find(({ level }) => level === 'warn')
    assert.match(warning?.cause ?? '', /^fsync=off: a power cut/)
  })

  test('an inbox whose server starts later opens by itself, and refuses everything before', async (t) => {
    const url = await server.createStore()
    await server.kill()
    const { inbox, notices } = await open(t, url)
    await assert.rejects(inbox.append([newEvent('e1')]), /cannot be reached \(ECONNREFUSED\)/)
    await assert.rejects(inbox.checkWritable(), InboxUnavailableError)
    assert.match(notices[0]?.cause ?? '', /cannot be reached \(ECONNREFUSED\)/)
    assert.ok(!JSON.stringify(notices).includes(role.password))
    let calls = 0
    inbox.onWork(() => {
      calls += 1
    })
    await server.start()
    await inbox.opened?.()
    assert.ok(calls > 0, 'the dispatcher looks for work')
    assert.deepEqual(await inbox.append([newEvent('e1')]), { kind: 'appended', results: ['accepted'] })
  })

  test('a server that starts later and refuses the password ends the wait with an error', async (t) => {
    const url = (await server.createStore()).replace(role.password, 'wrong-pw')
    await server.kill()
    const { inbox } = await open(t, url)
    const opened: Promise<void> | undefined = inbox.opened?.()
    await server.start()
    await assert.rejects(async () => opened, InboxOpenError)
  })

  test('an inbox that is not open yet can be closed', async (t) => {
    const url = (await server.createStore()).replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1')
    const inboxes: Inbox[] = []
    for (const host of ['127.0.0.1:1', '127.0.0.1:1,127.0.0.1:2'])
      inboxes.push((await open(t, url.replace('127.0.0.1:1', host))).inbox)
    for (const inbox of inboxes) await inbox.close()
    await assert.rejects(inboxes[0]?.stats() ?? Promise.resolve(), InboxUnavailableError)
  })

  test('of several hosts, the first that accepts writes is used', async (t) => {
    const replica = await startPostgres(t, { fsync: 'off', default_transaction_read_only: 'on' })
    const url = await server.createStore()
    const { inbox } = await open(
      t,
      url.replace(/@(127\.0\.0\.1:\d+)/, `@127.0.0.1:1,127.0.0.1:${replica.port},$1`),
    )
    await until('open', () =>
      inbox.checkWritable().then(
        () => true,
        () => false,
      ),
    )
    assert.deepEqual(await inbox.append([newEvent('e1')]), { kind: 'appended', results: ['accepted'] })
  })
})
