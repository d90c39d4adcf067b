import assert from 'node:assert/strict'
import { once } from 'node:events'
import { copyFile, writeFile } from 'node:fs/promises'
import { type RequestOptions, request } from 'node:https'
import { connect as connectPlain } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { connect } from 'node:tls'
import { ConfigurationError } from '../../src/errors.ts'
import { createServer } from '../../src/http/server.ts'
import { openTls } from '../../src/http/tls.ts'
import { certificates, skipWithoutOpenssl } from '../helpers/certificates.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { captureLog } from '../helpers/log.ts'
import { relayToken, startService } from '../helpers/service.ts'
import { until } from '../helpers/wait.ts'

const skip = skipWithoutOpenssl

interface TlsResponse {
  readonly status: number | undefined
  readonly body: string
}

async function ask(url: string, options: RequestOptions, body?: string): Promise<TlsResponse> {
  const sent = request(url, { agent: false, ...options })
  sent.end(body)
  const [response] = await once(sent, 'response')
  let text = ''
  for await (const chunk of response) text += chunk
  return { status: response.statusCode, body: text }
}

const event = JSON.stringify({ type: 'conversation:created', conversationId: 'c1', participantId: 'p1' })
const post: RequestOptions = {
  method: 'POST',
  headers: { authorization: `Bearer ${relayToken}`, 'content-type': 'application/json' },
}

test('with certificate and key, all routes use HTTPS, including probes', { skip }, async (t) => {
  const { certFile, keyFile, cert: ca } = await (await certificates(t))('server')
  const url = await startService(t, { environment: { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile } })
  assert.match(url, /^https:\/\/127\.0\.0\.1:\d+$/)
  assert.equal((await ask(`${url}/webhooks/genesys`, { ...post, ca }, event)).status, 202)
  for (const path of ['/livez', '/readyz', '/metrics'])
    assert.equal((await ask(url + path, { ca })).status, 200)
  await assert.rejects(ask(`${url}/livez`, {}), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
})

test('plain HTTP to the TLS port is disconnected, and the port keeps working', { skip }, async (t) => {
  const { certFile, keyFile, cert: ca } = await (await certificates(t))('server')
  const url = await startService(t, { environment: { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile } })
  await assert.rejects(fetch(url.replace('https', 'http')))
  const socket = connectPlain(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => {}) // a reset is fine too
  socket.resume().write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n')
  await new Promise((resolve) => socket.once('close', resolve))
  assert.equal((await ask(`${url}/livez`, { ca })).status, 200)
})

test('invalid HTTP inside TLS gets a problem', { skip }, async (t) => {
  const { certFile, keyFile, cert: ca } = await (await certificates(t))('server')
  const url = await startService(t, { environment: { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile } })
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', ca })
  socket.write('hello?\r\n\r\n')
  const [answer] = await once(socket, 'data')
  assert.match(String(answer), /^HTTP\/1\.1 400 Bad Request\r\n/)
  socket.destroy()
})

test('mutual TLS: a client needs a certificate of the CA and its token', {
  skip,
}, async (t) => {
  const make = await certificates(t)
  const [server, relay, stranger] = [await make('server'), await make('relay'), await make('stranger')]
  const environment = {
    TLS_CERT_FILE: server.certFile,
    TLS_KEY_FILE: server.keyFile,
    TLS_CLIENT_CA_FILE: relay.certFile,
  }
  const url = `${await startService(t, { environment })}/webhooks/genesys`
  const as = ({ cert, key }: { cert: string; key: string }) => ({ ...post, ca: server.cert, cert, key })
  assert.equal((await ask(url, as(relay), event)).status, 202)
  await assert.rejects(ask(url, { ...post, ca: server.cert }, event), 'without a certificate')
  await assert.rejects(ask(url, as(stranger), event), 'of another authority')
  const withoutToken = { ...as(relay), headers: { 'content-type': 'application/json' } }
  assert.equal((await ask(url, withoutToken, event)).status, 401)
  await assert.rejects(ask(url.replace('/webhooks/genesys', '/livez'), { ca: server.cert }), 'probes too')
})

/** Starts a server with its own TLS files, which the test may change. */
async function startOver(t: TestContext) {
  const make = await certificates(t)
  const folder = await temporaryFolder(t)
  const [certFile, keyFile] = [join(folder, 'tls.crt'), join(folder, 'tls.key')]
  const put = async (name: string) => {
    const created = await make(name)
    await Promise.all([copyFile(created.certFile, certFile), copyFile(created.keyFile, keyFile)])
    return created
  }
  const first = await put('first')
  const log = captureLog()
  const tls = openTls({
    files: { certFile, keyFile, clientCaFile: undefined },
    logger: log.logger,
    pollMs: 20,
  })
  const server = createServer({ logger: log.logger, maxBodyBytes: 1_000, tls, random: () => 0 })
  t.after(() => server.close())
  server.get('/fine', async () => ({}))
  const url = `${await server.listen({ host: '127.0.0.1', port: 0 })}/fine`
  return { first, put, log, url, certFile, keyFile }
}

test('changed certificates are used without a restart', { skip }, async (t) => {
  const { first, put, log, url } = await startOver(t)
  assert.equal((await ask(url, { ca: first.cert })).status, 200)
  const second = await put('second')
  await until('it is in use', () => log.text().includes('certificates replaced'))
  await until('new connections get it', () =>
    ask(url, { ca: second.cert }).then(
      ({ status }) => status === 200,
      () => false,
    ),
  )
  await assert.rejects(ask(url, { ca: first.cert }))
})

test('an invalid certificate is logged by file name and the current one stays in use', {
  skip,
}, async (t) => {
  const { first, log, url, certFile } = await startOver(t)
  await writeFile(certFile, 'no certificate')
  await until('the failure is logged', () => log.entries().some(({ code }) => code === 'tls_invalid'))
  assert.match(log.text(), /TLS_CERT_FILE/)
  assert.equal((await ask(url, { ca: first.cert })).status, 200)
})

test('a failed handshake is logged at debug with cause and address', { skip }, async (t) => {
  const { log, url } = await startOver(t)
  await assert.rejects(fetch(url.replace('https', 'http')))
  const [entry] = await until('the failure is logged', () => {
    const entries = log.entries().filter(({ msg }) => msg === 'TLS handshake failed')
    return entries.length > 0 ? entries : false
  })
  assert.deepEqual([entry?.level, entry?.cause], ['debug', 'ERR_SSL_HTTP_REQUEST'])
})

test('invalid files are reported at start with their variables', { skip }, async (t) => {
  const make = await certificates(t)
  const [one, other] = [await make('one'), await make('other')]
  const open = (files: { certFile?: string; keyFile?: string; clientCaFile?: string }) => () =>
    openTls({ files: { ...one, clientCaFile: undefined, ...files }, logger: captureLog().logger })
  const problem = (pattern: RegExp) => (error: unknown) =>
    error instanceof ConfigurationError && pattern.test(error.problems.join('\n'))
  assert.throws(
    open({ certFile: '/no/such', clientCaFile: '/none' }),
    problem(/TLS_CERT_FILE: .*ENOENT[\s\S]*TLS_CLIENT_CA_FILE/),
  )
  assert.throws(
    open({ keyFile: other.keyFile }),
    problem(/TLS_CERT_FILE, TLS_KEY_FILE: .*KEY_VALUES_MISMATCH/),
  )
  assert.throws(
    open({ clientCaFile: one.keyFile }),
    problem(/TLS_CLIENT_CA_FILE: .* contains no PEM certificate/),
  )
  assert.doesNotThrow(open({ clientCaFile: other.certFile }))
})
