import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { serve } from '../genesys/harness.ts'
import { certificates, skipWithoutOpenssl } from '../helpers/certificates.ts'
import { startInProcess } from '../helpers/in-process.ts'
import { createConversations, customerEvent, startService } from '../helpers/process.ts'
import { until } from '../helpers/wait.ts'
import { setUpDoctor } from './harness.ts'

/** A port that was free a moment ago. */
async function freePort(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  assert.ok(typeof address === 'object' && address !== null)
  return String(address.port)
}

test('a free port, and no service', async (t) => {
  const { run } = await setUpDoctor(t)
  const PORT = await freePort()
  const { of } = await run({ environment: { PORT } })
  assert.deepEqual([of('port').result, of('port').finding], ['ok', `port ${PORT} on 127.0.0.1 is free`])
  assert.deepEqual(
    [of('service').result, of('service').finding],
    ['skipped', `no service answers at http://127.0.0.1:${PORT} (ECONNREFUSED)`],
  )
})

test('a port that another program uses fails', async (t) => {
  const { run } = await setUpDoctor(t)
  const { url } = await serve(t, (_request, response) => response.end('{}'))
  const { of } = await run({ environment: { PORT: new URL(url).port } })
  assert.equal(of('port').result, 'failed')
  assert.match(
    of('port').finding,
    /is in use by another program \(\/health: status 200, not from genesys-enricher\)$/,
  )
  assert.equal(of('service').finding, `no service answers at ${url} (status 200, not from genesys-enricher)`)
})

test('an address of another machine fails the port', async (t) => {
  const { run } = await setUpDoctor(t)
  const { of } = await run({ environment: { HOST: '192.0.2.1', PORT: await freePort() } })
  assert.equal(of('port').result, 'failed')
  assert.match(of('port').finding, /^cannot listen on 192\.0\.2\.1, port \d+ \(EADDRNOTAVAIL\)$/)
})

test('a URL given by the operator at which no service answers is a warning', async (t) => {
  const { run } = await setUpDoctor(t)
  const { of } = await run({}, { url: 'http://127.0.0.1:9' })
  assert.equal(of('service').result, 'warning')
  assert.match(of('service').remedy ?? '', /Start the service/)
})

test('a running service: its port and its store are its own, and it goes on undisturbed', async (t) => {
  const { run, environment, simulator } = await setUpDoctor(t)
  const service = await startService(t, environment)
  const { notOk, of } = await run({ environment: { PORT: new URL(service.url).port } })
  assert.deepEqual(notOk, { 'store-write': 'skipped' }, service.output())
  assert.match(of('port').finding, /is used by the running service$/)
  assert.match(of('store').finding, /in use by a running service$/)
  assert.match(of('service').finding, /\/livez and \/readyz answer 200, \/health is ok$/)
  createConversations(simulator, 1)
  assert.equal((await service.post(customerEvent(0))).status, 202)
  await until('the event is applied', async () => (await service.status()).totals.applied === 1)
})

test('a running service that Genesys Cloud refuses: the failing part, its reason and its remedy', async (t) => {
  const { run, environment } = await setUpDoctor(t)
  const service = await startInProcess(t, { ...environment, GENESYS_CLIENT_SECRET: 'revoked' })
  await service.post(customerEvent(0))
  await until('delivery stops', async () => (await service.health()).checks.delivery?.ok === false)
  const { of } = await run({}, { url: service.url })
  assert.equal(of('service').result, 'failed')
  assert.match(of('service').finding, /^\/health, delivery: Genesys Cloud refused the OAuth client/)
  assert.match(of('service').remedy ?? '', /^Check GENESYS_CLIENT_ID/)
})

test('a service whose probes fail: each reason once', async (t) => {
  const { run } = await setUpDoctor(t)
  const reason = 'The inbox cannot be written (SQLITE_FULL)'
  const answers: Record<string, unknown> = {
    '/livez': { status: 'unavailable', reasons: ['Delivery is stuck'] },
    '/readyz': { status: 'unavailable', reasons: [`store: ${reason}`] },
    '/health': {
      status: 'unavailable',
      version: '9.9.9',
      checks: { store: { ok: false, reason }, delivery: { ok: true, dryRun: true, reason: 'DRY_RUN=true' } },
    },
  }
  const { url } = await serve(t, ({ url: path = '' }, response) =>
    response.writeHead(503).end(JSON.stringify(answers[path])),
  )
  const { results } = await run({}, { url })
  assert.deepEqual(
    results.filter(({ check }) => check === 'service').map(({ result, finding }) => [result, finding]),
    [
      ['failed', '/livez fails: Delivery is stuck'],
      ['failed', `/readyz fails: store: ${reason}`],
      ['warning', '/health, delivery: DRY_RUN=true'],
    ],
  )
})

test('several nodes: how many there are, and which one delivers', async (t) => {
  const { run } = await setUpDoctor(t)
  const nodes: Record<string, unknown> = { ok: true, seen: 3, delivers: 'host-1:4711' }
  const { url } = await serve(t, (_request, response) =>
    response.end(JSON.stringify({ status: 'ok', version: '9.9.9', checks: { nodes } })),
  )
  const healthy = await run({}, { url })
  assert.match(healthy.of('service').finding, /\/health is ok; 3 nodes, of which host-1:4711 delivers$/)
  Object.assign(nodes, { ok: false, reason: 'The nodes have different rules', remedy: 'Give all the same' })
  const { result, finding } = (await run({}, { url })).of('service')
  assert.deepEqual([result, finding], ['failed', '/health, nodes: The nodes have different rules'])
})

test('a service with TLS is found, whatever name its certificate has', {
  skip: skipWithoutOpenssl,
}, async (t) => {
  const { run, environment } = await setUpDoctor(t)
  const { certFile, keyFile } = await (await certificates(t))('enricher.example.com')
  const tls = { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile }
  const service = await startInProcess(t, { ...environment, ...tls })
  const port = { ...tls, PORT: new URL(service.url).port }
  const { notOk, of } = await run({ environment: port })
  assert.deepEqual(notOk, { 'store-write': 'skipped', 'admin-token': 'skipped' })
  // The token is sent only if the certificate is valid.
  assert.match(of('admin-token').finding, /give --url with the name in the certificate$/)
})

test('a port that demands client certificates is a warning', { skip: skipWithoutOpenssl }, async (t) => {
  const { run, environment } = await setUpDoctor(t)
  const { certFile, keyFile } = await (await certificates(t))('enricher.example.com')
  const tls = { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile, TLS_CLIENT_CA_FILE: certFile }
  const service = await startInProcess(t, { ...environment, ...tls })
  const { of } = await run({ environment: { ...tls, PORT: new URL(service.url).port } })
  assert.equal(of('port').result, 'warning')
  assert.match(of('port').finding, /with TLS_CLIENT_CA_FILE this command cannot ask by which program$/)
})
