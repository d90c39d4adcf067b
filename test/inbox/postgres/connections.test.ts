import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { after, describe, type TestContext, test } from 'node:test'
import { systemCodeOf } from '../../../src/errors.ts'
import { createConnections } from '../../../src/inbox/postgres/connections.ts'
import { parseLocation } from '../../../src/inbox/postgres/location.ts'
import { skipWithoutPostgres, startPostgres } from '../../helpers/postgres.ts'
import { startTcpProxy } from '../../helpers/tcp-proxy.ts'
import { until } from '../../helpers/wait.ts'
import { locationOf, open } from './harness.ts'

describe('connections to PostgreSQL', { skip: skipWithoutPostgres }, async () => {
  if (skipWithoutPostgres !== false) return
  const server = await startPostgres({ after })
  const url = (await server.createStore()).replace(/\?.*/, '')

  const open3 = (t: TestContext, to: string, timeoutMs = 10_000) => {
    const connections = createConnections({
      location: parseLocation(locationOf(to)),
      max: 3,
      timeoutMs,
      monotonic: () => performance.now(),
    })
    t.after(connections.close)
    return connections
  }

  test('when the server stops answering, one timeout ends all idle connections', async (t) => {
    const proxy = await startTcpProxy(t, server.port)
    const { query, size } = open3(t, url.replace(`:${server.port}`, `:${proxy.port}`), 1_000)
    await Promise.all([1, 2, 3].map(() => query('SELECT pg_sleep(0.2)')))
    assert.equal(size(), 3)
    proxy.pass({ kind: 'nothing' })
    await assert.rejects(query('SELECT 1'), { code: 'TIMEOUT' })
    await until('all are closed', () => size() === 0)
    proxy.pass({ kind: 'all' })
    await until('statements succeed', () =>
      query('SELECT 1').then(
        () => true,
        () => false,
      ),
    )
  })

  test('while the server is read-only, many writes open few connections', async (t) => {
    const proxy = await startTcpProxy(t, server.port)
    await server.admin('CREATE TABLE IF NOT EXISTS public.numbers (n integer)')
    await server.admin('GRANT INSERT ON public.numbers TO enricher')
    const { query } = open3(t, url.replace(`:${server.port}`, `:${proxy.port}`))
    const insert = () => query('INSERT INTO public.numbers VALUES (1)')
    await server.admin('ALTER DATABASE inbox SET default_transaction_read_only = on')
    for (let n = 0; n < 200; n += 1) await assert.rejects(insert(), { code: '25006' })
    const count = proxy.connections()
    assert.ok(count < 40, `${count} connections`)
    await server.admin('ALTER DATABASE inbox RESET default_transaction_read_only')
    await until('writes succeed', () =>
      insert().then(
        () => true,
        () => false,
      ),
    )
  })

  test('wrong settings of one host do not end the wait for another one', async (t) => {
    const wrong = url.replace('role-secret', 'wrong-pw').replace('127.0.0.1', '127.0.0.1:1,127.0.0.1')
    const error = await open3(t, wrong)
      .query('SELECT 1')
      .catch((caught: unknown) => caught)
    assert.equal(systemCodeOf(error, ''), 'ECONNREFUSED')
  })

  test('the pauses between attempts to open the inbox grow', async (t) => {
    const attempts: number[] = []
    const refusing = createServer((socket) => {
      attempts.push(performance.now())
      socket.destroy()
    }).listen(0, '127.0.0.1')
    await once(refusing, 'listening')
    t.after(() => refusing.close())
    const address = refusing.address()
    assert.ok(address !== null && typeof address === 'object')
    const { notices } = await open(t, url.replace(`:${server.port}`, `:${address.port}`))
    await until('four attempts', () => attempts.length >= 4)
    const pauses = attempts.slice(1).map((at, index) => at - (attempts[index] ?? 0))
    for (const [index, ms] of [240, 490, 990].entries())
      assert.ok((pauses[index] ?? 0) >= ms, `pauses of ${pauses} ms`)
    assert.equal(notices.filter(({ message }) => message === 'inbox not open, trying again').length, 1)
  })
})
