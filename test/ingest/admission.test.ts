import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { Verdict } from '../../src/ingest/authenticate/credentials.ts'
import { webhookPath } from '../../src/ingest/ingest.ts'
import { canonicalItem } from '../helpers/events.ts'
import { type IngestServerOptions, startIngest, token } from '../helpers/ingest-server.ts'
import { until } from '../helpers/wait.ts'

const good = `Authorization: Bearer ${token}\r\nContent-Type: application/json\r\n`

/** Starts ingest on a port; `begin` opens a socket to it. */
async function openPort(t: TestContext, options: IngestServerOptions = {}) {
  const sockets: Socket[] = []
  // Runs before the server closes, which waits for the sockets.
  t.after(() => sockets.forEach((socket) => void socket.destroy()))
  const ingest = await startIngest(t, options)
  await ingest.server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = ingest.server.server.address() as AddressInfo
  const begin = async (headers: string, body = ''): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1')
    sockets.push(socket)
    await once(socket, 'connect')
    socket.write(`POST ${webhookPath} HTTP/1.1\r\nHost: x\r\n${headers}\r\n${body}`)
    return socket
  }
  const held = () => ingest.pressure.status().heldBytes
  return { ...ingest, begin, held }
}

const answerOn = async (socket: Socket): Promise<string> => String((await once(socket, 'data'))[0])

test('a bad token is refused before the body is read and holds no memory', async (t) => {
  const { begin, held } = await openPort(t, { auth: { secrets: ['key'] } })
  for (const headers of ['', 'Authorization: Bearer wrong\r\n', 'X-API-Key: wrong\r\n']) {
    const socket = await begin(`${headers}Content-Length: 1000\r\n`, '{')
    assert.match(await answerOn(socket), /^HTTP\/1\.1 401 /)
    assert.equal(held(), 0)
  }
})

test('a signature is checked with the body; without secrets, a signature header does not delay the refusal', async (t) => {
  const signed = 'X-Hub-Signature-256: sha256=00\r\nContent-Length: 2\r\n'
  const checking = await openPort(t, { auth: { secrets: ['key'], tokens: [] } })
  const socket = await checking.begin(signed)
  await until('the request holds memory', () => checking.held() > 0)
  socket.write('{}')
  assert.match(await answerOn(socket), /^HTTP\/1\.1 401 /)
  const other = await openPort(t)
  assert.match(await answerOn(await other.begin(signed)), /^HTTP\/1\.1 401 /)
})

test('while draining, the answer does not wait for the body', async (t) => {
  const { begin } = await openPort(t, { draining: () => true })
  const answer = await answerOn(await begin(`${good}Content-Length: 1000\r\n`, '{'))
  assert.match(answer, /^HTTP\/1\.1 503 /)
  assert.match(answer, /\r\nretry-after: \d+\r\n/i)
})

test('after a refusal before the body, the connection serves the next request', async (t) => {
  const { begin } = await openPort(t)
  const body = JSON.stringify(canonicalItem())
  const wrong = 'Authorization: Bearer wrong\r\n'
  const next = `POST ${webhookPath} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${good}Content-Length: ${body.length}\r\n\r\n${body}`
  const socket = await begin(`${wrong}Content-Length: 100000\r\n`, 'x'.repeat(100_000) + next)
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  await once(socket, 'close')
  assert.deepEqual(text.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 401', 'HTTP/1.1 202'])
})

// A request counts its body plus 4 KiB: after three of the largest, only a smaller one fits.
const fourBodies = { maxBodyBytes: 30_000, pressure: { minHeldBytesLimit: 120_000 } }

for (const [what, length] of [
  ['announced', 'Content-Length: 30000\r\n'],
  ['in chunks, of any length', 'Transfer-Encoding: chunked\r\n'],
] as const) {
  test(`503 with Retry-After while announced bodies fill the memory: ${what}`, async (t) => {
    const { begin, held, post } = await openPort(t, { ...fourBodies, random: () => 0.5 })
    const stalled = await Promise.all(Array.from({ length: 3 }, () => begin(good + length)))
    await until('the requests hold memory', () => held() > 100_000)
    const refused = await post(canonicalItem({ note: 'x'.repeat(20_000) }))
    assert.equal(refused.statusCode, 503)
    assert.equal(refused.json().code, 'overloaded')
    assert.equal(refused.headers['retry-after'], '10')
    assert.equal(
      (await post(canonicalItem({ id: 'small' }))).statusCode,
      202,
      'a request that fits is accepted',
    )
    for (const socket of stalled) socket.destroy()
    await until('the memory is released', () => held() === 0)
    assert.equal((await post(canonicalItem({ note: 'x'.repeat(20_000) }))).statusCode, 202)
  })
}

test('a chunked body counts with its real length once it is read', async (t) => {
  const stored = Promise.withResolvers<void>()
  const { begin, held } = await openPort(t, {
    wrapInbox: (inbox) => ({ ...inbox, append: (events) => stored.promise.then(() => inbox.append(events)) }),
  })
  const body = JSON.stringify(canonicalItem())
  const chunk = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
  const socket = await begin(`${good}Transfer-Encoding: chunked\r\n`, chunk)
  await until('it waits to be stored', () => held() === 4_096 + body.length)
  stored.resolve()
  assert.match(await answerOn(socket), /^HTTP\/1\.1 202 /)
  await until('the memory is released', () => held() === 0)
})

test('while a commit hangs, waiting requests stay within the memory limit, and each accepted one is durable', async (t) => {
  const stored = Promise.withResolvers<void>()
  const ingest = await startIngest(t, {
    maxBodyBytes: 1_000,
    pressure: { minHeldBytesLimit: 100_000 },
    wrapInbox: (inbox) => ({ ...inbox, append: (events) => stored.promise.then(() => inbox.append(events)) }),
  })
  let unanswered = 1_000
  const responses = Array.from({ length: unanswered }, async (_, index) => {
    const response = await ingest.post(canonicalItem({ id: `e-${index}`, participantId: `p-${index}` }))
    unanswered -= 1
    return response
  })
  await until('the other requests are refused', () => unanswered < 30)
  const { heldBytes, maxHeldBytes } = ingest.pressure.status()
  assert.ok(heldBytes <= maxHeldBytes && heldBytes > 0.9 * maxHeldBytes, String(heldBytes))
  stored.resolve()
  const answers = await Promise.all(responses)
  const taken = answers.filter(({ statusCode }) => statusCode === 202).length
  const refused = answers.filter(({ statusCode, headers }) => statusCode === 503 && headers['retry-after'])
  assert.equal(taken + refused.length, 1_000)
  assert.equal((await ingest.inbox.stats()).pending, taken)
  assert.equal(ingest.pressure.status().refused.memory, refused.length)
})

test('the memory of every finished or aborted request is released', async (t) => {
  const { post, held, begin } = await openPort(t, { maxBodyBytes: 5_000, maxPending: 1 })
  for (const [body, headers] of [
    [canonicalItem()],
    [canonicalItem({ id: 'second' })],
    ['{'],
    ['x'.repeat(6_000)],
    [canonicalItem(), { 'content-type': 'text/plain' }],
    [canonicalItem(), { 'content-type': ';' }],
    [canonicalItem(), { 'content-length': '3' }],
    [canonicalItem(), { authorization: 'Bearer wrong' }],
    [[5]],
    [''],
  ] as const)
    await post(body, headers)
  const socket = await begin(`${good}Content-Length: 1000\r\n`, '{')
  await until('it is under way', () => held() > 0)
  socket.resetAndDestroy()
  await until('the memory is released', () => held() === 0)
})

/** Blocks the event loop repeatedly until the returned function is called. */
function keepBusy(ms: number): () => void {
  let ended = false
  const block = () => {
    const until = performance.now() + ms
    while (performance.now() < until);
    if (!ended) setImmediate(() => setTimeout(block))
  }
  block()
  return () => {
    ended = true
  }
}

test('503 with Retry-After while the event loop is overloaded; OPTIONS still works, and the service recovers', async (t) => {
  const monotonic = () => performance.now()
  const ingest = await openPort(t, { random: () => 0, pressure: { maxLateMs: 40, monotonic } })
  ingest.pressure.start()
  const endBusy = keepBusy(200)
  t.after(endBusy)
  await until('the overload is noticed', () => ingest.pressure.status().cause === 'event_loop')
  const refused = await ingest.post(canonicalItem())
  assert.deepEqual([refused.statusCode, refused.headers['retry-after']], [503, '5'])
  assert.equal(refused.json().code, 'overloaded')
  const unread = await ingest.begin(`${good}Content-Length: 1000\r\n`, '{')
  assert.match(await answerOn(unread), /^HTTP\/1\.1 503 /, 'before the body is read')
  assert.equal((await ingest.server.inject({ method: 'OPTIONS', url: webhookPath })).statusCode, 204)
  assert.equal((await ingest.inbox.stats()).pending, 0)
  endBusy()
  await until('it is over', () => ingest.pressure.status().cause === undefined)
  assert.equal((await ingest.post(canonicalItem())).statusCode, 202)
})

/** Verifies a token of three parts when `settle` is called. */
function slowVerifier() {
  const waiting: ((verdict: Verdict) => void)[] = []
  return {
    jwt: (token: string) =>
      token.split('.').length === 3
        ? new Promise<Verdict>((resolve) => void waiting.push(resolve))
        : Promise.resolve<Verdict>({ accepted: false, cause: 'not a JWT' }),
    waiting,
    settle: (verdict: Verdict) => waiting.shift()?.(verdict),
  }
}
const jwtHeaders = 'Authorization: Bearer a.b.c\r\nContent-Type: application/json\r\n'
const json = JSON.stringify(canonicalItem())

test('a token whose key is being fetched is decided before the body is read', async (t) => {
  const { jwt, waiting, settle } = slowVerifier()
  const uses: string[] = []
  const { begin, held, totals } = await openPort(t, {
    auth: { tokens: [], jwt },
    onAuthenticated: (scheme, position) => uses.push(`${scheme} ${position}`),
  })
  const refused = await begin(`${jwtHeaders}Content-Length: ${json.length}\r\n`)
  await until('the token is being verified', () => waiting.length === 1)
  assert.ok(held() > 0, 'the request holds memory meanwhile')
  settle({ accepted: false, cause: 'wrong' })
  assert.match(await answerOn(refused), /^HTTP\/1\.1 401 /)
  await until('the memory is released', () => held() === 0)
  const accepted = await begin(`${jwtHeaders}Content-Length: ${json.length}\r\n`, json)
  await until('the token is being verified', () => waiting.length === 1)
  settle({ accepted: true, scheme: 'jwt', position: 1 })
  assert.match(await answerOn(accepted), /^HTTP\/1\.1 202 /)
  assert.deepEqual(uses, ['jwt 1'])
  assert.equal(totals.accepted, 1)
})

test('a sender that gives up while its token is verified releases its memory', async (t) => {
  const { jwt, waiting, settle } = slowVerifier()
  const { begin, held } = await openPort(t, { auth: { jwt } })
  const socket = await begin(`${jwtHeaders}Content-Length: ${json.length}\r\n`)
  await until('the token is being verified', () => waiting.length === 1)
  socket.destroy()
  await until('the memory is released', () => held() === 0)
  settle({ accepted: true, scheme: 'jwt', position: 1 })
  const next = await begin(`${good}Content-Length: ${json.length}\r\n`, json)
  assert.match(await answerOn(next), /^HTTP\/1\.1 202 /)
  await until('the memory of the second request is released', () => held() === 0)
})

test('503 for a credential that cannot be verified now, before and after the body; it is not a failure of the sender', async (t) => {
  const unavailable: string[] = []
  const verdict: Verdict = { accepted: false, cause: 'ECONNREFUSED', unavailable: 'jwt' }
  const { post, log } = await startIngest(t, {
    auth: { tokens: [], secrets: ['key'], jwt: async () => verdict },
    maxFailures: 1,
    onKeysUnavailable: (scheme, cause) => unavailable.push(`${scheme} ${cause}`),
  })
  const wrongSignature = { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }
  for (const headers of [{}, wrongSignature, {}, wrongSignature]) {
    const response = await post(json, { authorization: 'Bearer a.b.c', ...headers })
    assert.equal(response.statusCode, 503)
    assert.equal(response.json().code, 'keys_unavailable')
    assert.match(String(response.headers['retry-after']), /^\d+$/)
  }
  assert.deepEqual(unavailable, Array(4).fill('jwt ECONNREFUSED'))
  assert.deepEqual(
    log.entries().filter(({ msg }) => msg === 'webhook refused'),
    [],
  )
})

test('Amazon SNS without a password gets a challenge, which is neither logged nor counted', async (t) => {
  const { post, log } = await startIngest(t, { maxFailures: 1 })
  const raw = { authorization: '', 'x-amz-sns-message-type': 'Notification', 'x-amz-sns-rawdelivery': 'true' }
  for (let delivery = 0; delivery < 3; delivery += 1) {
    const challenge = await post(json, raw)
    assert.equal(challenge.statusCode, 401)
    assert.equal(challenge.headers['www-authenticate'], 'Basic realm="genesys-enricher"')
  }
  assert.deepEqual(log.entries(), [])
  const basic = (password: string) => `Basic ${Buffer.from(`sns:${password}`).toString('base64')}`
  assert.equal((await post(json, { ...raw, authorization: basic(token) })).statusCode, 202)
  const wrong = await post(json, { ...raw, authorization: basic('wrong') })
  assert.deepEqual([wrong.statusCode, wrong.headers['www-authenticate']], [401, 'Bearer'])
  assert.equal(log.entries().filter(({ msg }) => msg === 'webhook refused').length, 1)
})

test('cheap credentials are checked before a JWT', async (t) => {
  const { jwt, waiting } = slowVerifier()
  const { post } = await startIngest(t, { auth: { tokens: ['a.b.c', 'key-of-api'], secrets: ['key'], jwt } })
  const signature = `sha256=${createHmac('sha256', 'key').update(json).digest('hex')}`
  for (const headers of [
    { authorization: 'Bearer a.b.c' },
    { authorization: 'Bearer x.y.z', 'x-api-key': 'key-of-api' },
    { authorization: 'Bearer x.y.z', 'x-hub-signature-256': signature },
  ])
    assert.equal((await post(json, headers)).statusCode, 202)
  assert.equal(waiting.length, 0)
})
