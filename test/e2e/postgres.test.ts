import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { after, describe, test } from 'node:test'
import { role, skipWithoutPostgres, startPostgres } from '../helpers/postgres.ts'
import {
  attributesAt,
  createConversations,
  customerEvent,
  type ServiceProcess,
  setUp,
  startService,
} from '../helpers/process.ts'
import { main } from '../helpers/program.ts'
import { until } from '../helpers/wait.ts'

const probe = async (service: ServiceProcess, path: string) => {
  const response = await fetch(`${service.url}${path}`)
  return { status: response.status, body: JSON.stringify(await response.json()) }
}

const idle = (service: ServiceProcess) =>
  until('nothing is pending', async () => (await service.status()).inbox?.pending === 0)

describe('the service on PostgreSQL', { skip: skipWithoutPostgres }, async () => {
  if (skipWithoutPostgres !== false) return
  const server = await startPostgres({ after }, {})

  test('it delivers, survives kill -9 and a restart, and recognises duplicates', async (t) => {
    const { environment, simulator } = await setUp(t)
    const env = { ...environment, STORE_URL: await server.createStore() }
    createConversations(simulator, 3)
    const first = await startService(t, env)
    for (const index of [0, 1]) assert.equal((await first.post(customerEvent(index))).status, 202)
    await idle(first)
    assert.equal(attributesAt(simulator, 0)?.vip_status, 'true')
    await first.end('SIGKILL')

    const second = await startService(t, env)
    const repeated = await until('the dead process gives way', async () => {
      const answer = await second.post(customerEvent(0))
      return answer.status === 202 ? answer : undefined
    })
    assert.equal(repeated.body.duplicates, 1)
    await second.post(customerEvent(2))
    await idle(second)
    assert.equal(attributesAt(simulator, 2)?.vip_status, 'true')
    const { checks } = await second.health()
    assert.deepEqual(checks.store, { ok: true, durability: { survives: 'power_cut', warnings: [] } })
    assert.ok(!`${first.output()}${second.output()}`.includes(role.password))
    assert.equal(await second.end('SIGTERM'), 0)

    const third = await startService(t, env)
    assert.equal((await third.post(customerEvent(1))).status, 202, 'it need not wait after a clean stop')
  })

  for (const [fault, right, wrong, message] of [
    [
      'password',
      role.password,
      'wrong-pw',
      /refuses the password of enricher .* correct user and password in STORE_URL/,
    ],
    ['database', '/inbox?', '/missing?', /database missing does not exist .*CREATE DATABASE missing/],
  ] as const)
    test(`a wrong ${fault} ends the start with exit code 2 and the remedy`, async (t) => {
      const { environment } = await setUp(t)
      const env = { ...environment, STORE_URL: (await server.createStore()).replace(right, wrong) }
      const child = spawn(process.execPath, [main, 'serve'], {
        cwd: tmpdir(),
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let output = ''
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (text) => {
          output += String(text)
        })
      assert.deepEqual(await once(child, 'close'), [2, null])
      assert.match(output, message)
      assert.ok(!output.includes('wrong-pw'))
    })

  test('without the server it lives but is not ready, and starts delivery when the server is there', async (t) => {
    const own = await startPostgres(t)
    const { environment, simulator } = await setUp(t)
    const env = { ...environment, STORE_URL: await own.createStore() }
    createConversations(simulator, 1)
    await own.kill()
    const service = await startService(t, env)
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
    await own.start()
    await until('ready', async () => (await probe(service, '/readyz')).status === 200)
    assert.equal((await service.post(customerEvent(0))).status, 202)
    await until('delivered', () => attributesAt(simulator, 0)?.vip_status === 'true')
  })

  test('it stops cleanly although the server never came', async (t) => {
    const { environment } = await setUp(t)
    const url = (await server.createStore()).replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1')
    const service = await startService(t, { ...environment, STORE_URL: url })
    assert.equal(await service.end('SIGTERM'), 0)
  })

  test('a password that turns out to be wrong after the start ends the service with exit code 2', async (t) => {
    const own = await startPostgres(t)
    const { environment } = await setUp(t)
    const wrong = (await own.createStore()).replace(role.password, 'wrong-pw')
    await own.kill()
    const service = await startService(t, { ...environment, STORE_URL: wrong })
    const ended = once(service.child, 'exit')
    await own.start()
    assert.deepEqual(await ended, [2, null])
    assert.match(service.output(), /the inbox cannot be opened/)
    assert.ok(!service.output().includes('wrong-pw'))
  })
})
