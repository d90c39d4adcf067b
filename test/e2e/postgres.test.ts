import assert from 'node:assert/strict'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { after, describe, test } from 'node:test'
import { InboxOpenError } from '../../src/inbox/inbox.ts'
import { runInHost } from '../cli/harness.ts'
import { startInProcess } from '../helpers/in-process.ts'
import { role, skipWithoutPostgres, startPostgres } from '../helpers/postgres.ts'
import {
  attributesAt,
  createConversations,
  customerEvent,
  type RunningService,
  setUp,
  startService,
} from '../helpers/process.ts'
import { until } from '../helpers/wait.ts'

const probe = async (service: RunningService, path: string) => {
  const response = await fetch(`${service.url}${path}`)
  return { status: response.status, body: JSON.stringify(await response.json()) }
}

const idle = (service: RunningService) =>
  until('nothing is pending', async () => (await service.status()).inbox?.pending === 0)

describe('the service on PostgreSQL', { skip: skipWithoutPostgres }, async () => {
  if (skipWithoutPostgres !== false) return
  const server = await startPostgres({ after }, {})

  test('it delivers, survives kill -9 and a restart, and recognises duplicates', async (t) => {
    const { environment, simulator } = await setUp(t)
    const env = { ...environment, STORE_URL: await server.createStore(), OWNERSHIP_LEASE_MS: '2000' }
    createConversations(simulator, 3)
    const first = await startService(t, env)
    for (const index of [0, 1]) assert.equal((await first.post(customerEvent(index))).status, 202)
    await idle(first)
    assert.equal(attributesAt(simulator, 0)?.vip_status, 'true')
    await first.end('SIGKILL')

    const second = await startInProcess(t, env)
    const repeated = await until('the dead process gives way', async () => {
      const answer = await second.post(customerEvent(0))
      return answer.status === 202 ? answer : undefined
    })
    assert.equal(repeated.body.duplicates, 1)
    await second.post(customerEvent(2))
    await until('delivered', () => attributesAt(simulator, 2)?.vip_status === 'true')
    await idle(second)
    const { checks } = await second.health()
    assert.deepEqual(checks.store, { ok: true, durability: { survives: 'power_cut', warnings: [] } })
    assert.ok(!`${first.output()}${second.output()}`.includes(role.password))
    await second.stop()

    const third = await startInProcess(t, env)
    assert.equal((await third.post(customerEvent(1))).status, 202, 'it need not wait after a clean stop')
  })

  test('a wrong password ends the start with exit code 2 and the remedy', async (t) => {
    const { environment } = await setUp(t)
    const env = { ...environment, STORE_URL: (await server.createStore()).replace(role.password, 'wrong-pw') }
    const { code, stdout, stderr } = await runInHost({ args: ['serve'], folder: tmpdir(), env, input: '' })
    assert.equal(code, 2)
    const output = stdout + stderr
    assert.match(output, /refuses the password of enricher .* correct user and password in STORE_URL/)
    assert.ok(!output.includes('wrong-pw'))
  })

  test('a wrong database ends the start as an error of the configuration, with the remedy', async (t) => {
    const { environment } = await setUp(t)
    const wrong = (await server.createStore()).replace('/inbox?', '/missing?')
    await assert.rejects(startInProcess(t, { ...environment, STORE_URL: wrong }), (error) => {
      assert.ok(error instanceof InboxOpenError && error.isConfiguration)
      assert.match(error.message, /database missing does not exist .*CREATE DATABASE missing/)
      return true
    })
  })

  test('without the server it lives but is not ready; when the server is there, it starts delivery, or ends with exit code 2 if the password is wrong', async (t) => {
    const { environment, simulator } = await setUp(t)
    const url = await server.createStore()
    createConversations(simulator, 1)
    await server.kill()
    const service = await startInProcess(t, { ...environment, STORE_URL: url })
    const wrong = await startService(t, { ...environment, STORE_URL: url.replace(role.password, 'wrong-pw') })
    const ended = once(wrong.child, 'exit')
    assert.equal((await probe(service, '/livez')).status, 200)
    const ready = await probe(service, '/readyz')
    assert.equal(ready.status, 503)
    assert.match(
      ready.body,
      /store: .*PostgreSQL at 127\.0\.0\.1:\d+\/inbox cannot be reached \(ECONNREFUSED\)/,
    )
    const refused = await service.post(customerEvent(0))
    assert.equal(refused.status, 503)
    assert.ok(refused.headers.get('retry-after') !== null)

    await server.start()
    await until('ready', async () => (await probe(service, '/readyz')).status === 200)
    assert.equal((await service.post(customerEvent(0))).status, 202)
    await until('delivered', () => attributesAt(simulator, 0)?.vip_status === 'true')
    assert.deepEqual(await ended, [2, null])
    assert.match(wrong.output(), /the inbox cannot be opened/)
    assert.ok(!wrong.output().includes('wrong-pw'))
  })

  test('it stops cleanly although the server never came', async (t) => {
    const { environment } = await setUp(t)
    const url = (await server.createStore()).replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1')
    const service = await startInProcess(t, { ...environment, STORE_URL: url })
    await service.stop()
  })
})
