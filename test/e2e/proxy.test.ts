import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serve } from '../genesys/harness.ts'
import { certificates, skipWithoutOpenssl, trust } from '../helpers/certificates.ts'
import { type ConnectProxy, startConnectProxy, startTlsFront } from '../helpers/connect-proxy.ts'
import type { Owner } from '../helpers/folder.ts'
import { startInProcess } from '../helpers/in-process.ts'
import {
  attributesAt,
  createConversations,
  customerEvent,
  setUp,
  startService,
  tagCustomers,
} from '../helpers/process.ts'
import { until } from '../helpers/wait.ts'

const skip = skipWithoutOpenssl
const password = 'pass-w0rd'
const queueId = '4e5f6071-0000-4000-8000-00000000000e'

/** A service that reaches Genesys Cloud by HTTPS, through a proxy that resolves its names. */
async function behindProxy(t: Owner, { rules = tagCustomers, password: given = password } = {}) {
  const { simulator, environment } = await setUp(t, { rules })
  createConversations(simulator, 4)
  const certificate = await (await certificates(t))('genesys')
  trust(t, certificate.cert)
  const port = await startTlsFront(t, certificate, simulator.url)
  const proxy = await startConnectProxy(t, {
    credentials: `ada:${password}`,
    resolve: { 'localhost:443': `127.0.0.1:${port}` },
  })
  return {
    simulator,
    proxy,
    environment: {
      ...environment,
      GENESYS_API_URL: 'https://localhost',
      GENESYS_LOGIN_URL: 'https://localhost',
      GENESYS_PROXY_URL: proxy.url.replace('//', `//ada:${given}@`),
      LOG_LEVEL: 'trace',
    },
    certificate,
  }
}

const encoded = (text: string): string => Buffer.from(text).toString('base64')

function assertNoPassword(output: string, secret = password): void {
  assert.ok(output.includes('{"level":"'))
  for (const text of [secret, encoded(`ada:${secret}`)]) assert.ok(!output.includes(text), output)
}

/** The names of the log lines that name the proxy. */
const linesAbout = ({ name }: ConnectProxy, output: string): Record<string, unknown>[] =>
  output
    .split('\n')
    .filter((line) => line.startsWith('{') && line.includes(`the proxy ${name}`))
    .map((line) => JSON.parse(line))

test('events wait while the proxy answers 407 or 502 or is away, and are applied through it afterwards', {
  skip,
}, async (t) => {
  const { simulator, environment, proxy, certificate } = await behindProxy(t)
  proxy.answerWith(407)
  // The only process, because only its output has the lines of libraries.
  const service = await startService(t, {
    ...environment,
    NODE_EXTRA_CA_CERTS: certificate.certFile,
    DEBUG: '*',
  })
  const logNames = (text: string) =>
    until(`the log names ${text}`, () =>
      linesAbout(proxy, service.output()).find(({ cause }) => String(cause).includes(text)),
    )
  await service.post(customerEvent(0, 'first'))
  await logNames('(407)')
  proxy.answerWith(502)
  await logNames('(502)')
  assert.deepEqual(await service.deadLetters(), [])
  proxy.answerWith(undefined)
  await until('the event is applied', () => attributesAt(simulator, 0)?.seen === 'first')
  await until('its outcome is recorded', async () => (await service.status()).inbox.pending === 0)
  assert.ok(proxy.requests.every((target) => target === 'localhost:443'))

  await proxy.goAway()
  assert.equal((await service.post(customerEvent(1, 'second'))).status, 202)
  const { cause } = await logNames('ECONNREFUSED')
  assert.match(String(cause), /cannot be reached \(ECONNREFUSED\): check GENESYS_PROXY_URL/)
  assert.equal((await service.status()).inbox.pending, 1)
  assert.deepEqual(await service.deadLetters(), [])

  await proxy.comeBack()
  await until('the event is applied', () => attributesAt(simulator, 1)?.seen === 'second')
  assert.equal(await service.end('SIGTERM'), 0)
  assertNoPassword(service.output())
})

test('a wrong password of the proxy appears in no log line, answer or metric', { skip }, async (t) => {
  const { environment, proxy } = await behindProxy(t, { password: 'wrong-pass-w0rd' })
  const service = await startInProcess(t, {
    ...environment,
    NOTIFICATIONS_TOPICS: 'v2.users.u1.conversations',
  })
  await service.post(customerEvent(3))
  const logs = () => linesAbout(proxy, service.output()).map(({ msg }) => msg)
  await until('delivery and notifications have failed', () =>
    ['attempt failed, retrying', 'notification channel not opened, retrying'].every((msg) =>
      logs().includes(msg),
    ),
  )
  const seen = [
    service.output(),
    JSON.stringify(await service.health()),
    JSON.stringify(await service.status()),
    await (await fetch(`${service.url}/metrics`)).text(),
  ].join('\n')
  assertNoPassword(seen, 'wrong-pass-w0rd')
})

const withLookup = (url: string) => `
version: 1
lookups:
  crm: { url: "${url}/customers/{key}", allowPrivate: true }
rules:
  - name: tier
    on: [conversation:created]
    set: { tier: '\${lookup("crm", event.participantId).tier}' }
`

test('lookups use the proxy, unless NO_PROXY has their host', { skip }, async (t) => {
  const asked: string[] = []
  const crm = await serve(t, ({ url = '' }, response) => {
    asked.push(url)
    response.end('{"tier":"gold"}')
  })
  const { simulator, environment, proxy } = await behindProxy(t, { rules: withLookup(crm.url) })
  const lookups = () => proxy.requests.filter((url) => url.startsWith(crm.url))
  const service = await startInProcess(t, environment)
  await service.post(customerEvent(0))
  await until('the event is applied', () => attributesAt(simulator, 0)?.tier === 'gold')
  assert.deepEqual(lookups(), [`${crm.url}/customers/participant-0`])
  await service.stop()
  const direct = await startInProcess(t, { ...environment, NO_PROXY: 'localhost.test,127.0.0.1' })
  await direct.post(customerEvent(1))
  await until('the event is applied', () => attributesAt(simulator, 1)?.tier === 'gold')
  assert.deepEqual(asked, ['/customers/participant-0', '/customers/participant-1'])
  assert.equal(lookups().length, 1)
})

test('notifications arrive through the proxy', { skip }, async (t) => {
  const { simulator, environment, proxy } = await behindProxy(t)
  simulator.createQueue({ id: queueId, name: 'Sales' })
  // The simulator's websocket is plain, which the service accepts only from a plain API.
  const { url } = simulator
  const service = await startInProcess(t, {
    ...environment,
    GENESYS_API_URL: url,
    GENESYS_LOGIN_URL: url,
    NOTIFICATIONS_QUEUES: 'Sales',
  })
  await until('the service is connected and subscribed', () =>
    simulator.channels().some(({ connected, topics }) => connected && topics.length > 0),
  )
  simulator.notify({
    topicName: `v2.routing.queues.${queueId}.conversations`,
    eventBody: { id: 'conversation-0', participants: [{ id: 'participant-0', purpose: 'customer' }] },
    mark: 'heard',
  })
  await until('the event is applied', () => attributesAt(simulator, 0)?.seen === 'heard')
  assert.ok(proxy.requests.includes(new URL(url).host), 'a tunnel for the websocket')
  assert.ok(proxy.requests.includes(`${url}/oauth/token`), 'calls are forwarded')
  assertNoPassword(service.output())
})
