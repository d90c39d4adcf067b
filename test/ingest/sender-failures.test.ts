import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { webhookPath } from '../../src/ingest/ingest.ts'
import { createFailureCounter, senderOf } from '../../src/ingest/sender-failures.ts'
import { canonicalItem } from '../helpers/events.ts'
import { startIngest, token } from '../helpers/ingest-server.ts'
import { rounds } from '../helpers/rounds.ts'
import { startService } from '../helpers/service.ts'

const wrong = { authorization: 'Bearer wrong' }

/** Sends with a credential from an address, given by X-Forwarded-For of a trusted proxy. */
async function openBehindProxy(
  t: Parameters<typeof startIngest>[0],
  options: Parameters<typeof startIngest>[1],
) {
  const ingest = await startIngest(t, { trustProxy: ['127.0.0.0/8'], ...options })
  return {
    ...ingest,
    from: async (address: string, authorization = `Bearer ${token}`) => {
      const headers = { authorization, 'x-forwarded-for': address }
      const response = await ingest.post(canonicalItem(), headers)
      return [response.statusCode, response.json().code, response.headers['retry-after']]
    },
  }
}

test('429 with Retry-After and one log line after too many refused credentials from one address', async (t) => {
  let now = 1_770_000_000_000
  const ingest = await startIngest(t, { maxFailures: 3, now: () => now })
  const answers = []
  for (let count = 0; count < 6; count += 1) {
    const response = await ingest.post(canonicalItem(), wrong)
    answers.push([response.statusCode, response.headers['retry-after'], response.headers['www-authenticate']])
  }
  const tooMany = [429, '60', undefined]
  assert.deepEqual(answers, [...Array(3).fill([401, undefined, 'Bearer']), tooMany, tooMany, tooMany])
  const problem = (await ingest.post(canonicalItem(), wrong)).json()
  assert.equal(problem.code, 'too_many_failures')
  assert.deepEqual(
    ingest.log.entries().map(({ code, cause }) => [code, cause]),
    [
      ...Array(3).fill(['unauthorized', 'the token matches none of WEBHOOK_TOKENS']),
      ['too_many_failures', 'the token matches none of WEBHOOK_TOKENS'],
    ],
  )
  now += 60_000
  assert.equal((await ingest.post(canonicalItem(), wrong)).statusCode, 401)
})

test('a valid credential is accepted from an address with too many refused ones and does not reset the limit', async (t) => {
  const { from } = await openBehindProxy(t, { maxFailures: 1 })
  await from('203.0.113.1', 'Bearer wrong')
  assert.equal((await from('203.0.113.1', 'Bearer wrong'))[0], 429)
  assert.equal((await from('203.0.113.1'))[0], 202)
  assert.equal((await from('203.0.113.1', 'Bearer wrong'))[0], 429)
  assert.equal((await from('203.0.113.2', 'Bearer wrong'))[0], 401)
})

test('the 429 does not reveal what is wrong with the credential', async (t) => {
  const ingest = await startIngest(t, { maxFailures: 1, auth: { secrets: ['key'], tokens: [token] } })
  await ingest.post(canonicalItem(), wrong)
  const bodies = new Set<string>()
  for (const headers of [
    wrong,
    { authorization: '' },
    { authorization: '', 'x-hub-signature-256': 'sha256=x' },
  ]) {
    const { requestId, ...rest } = (await ingest.post(canonicalItem(), headers)).json()
    bodies.add(JSON.stringify(rest))
  }
  assert.equal(bodies.size, 1)
})

test('403 for an address that is not allowed, even with a valid credential', async (t) => {
  const { from, log } = await openBehindProxy(t, {
    allowed: ['203.0.113.0/24', '2001:db8::/32'],
    maxFailures: 1,
  })
  assert.equal((await from('203.0.113.7'))[0], 202)
  assert.equal((await from('2001:db8::7'))[0], 202)
  for (let count = 0; count < 4; count += 1)
    assert.deepEqual((await from('198.51.100.1')).slice(0, 2), [403, 'address_not_allowed'])
  assert.deepEqual((await from('no address')).slice(0, 2), [403, 'address_not_allowed'])
  const refused = log
    .entries()
    .filter(({ code, from }) => code === 'address_not_allowed' && from === '198.51.100.1')
  assert.equal(refused.length, 2, 'the log limit applies to them too')
})

test('403 is sent before the body is read', async (t) => {
  const { server } = await startIngest(t, { allowed: ['192.0.2.1'] })
  await server.listen({ host: '127.0.0.1', port: 0 })
  const socket = connect((server.server.address() as AddressInfo).port, '127.0.0.1')
  socket.write(`POST ${webhookPath} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{`)
  const [answer] = await once(socket, 'data')
  assert.match(String(answer), /^HTTP\/1\.1 403 /)
  socket.destroy()
})

test('probes ignore allowed networks and failures', async (t) => {
  const environment = { WEBHOOK_ALLOWED_CIDRS: '192.0.2.1', WEBHOOK_MAX_FAILURES: '1' }
  const url = await startService(t, { environment })
  for (let count = 0; count < 3; count += 1)
    assert.equal((await fetch(url + webhookPath, { method: 'POST' })).status, 403)
  for (const path of ['/livez', '/readyz', '/startupz', '/health', '/metrics'])
    assert.equal((await fetch(url + path)).status, 200, path)
})

test('X-Forwarded-For counts only with TRUST_PROXY, and only for the trusted hops', async (t) => {
  const sent = { ...wrong, 'x-forwarded-for': '198.51.100.9, 203.0.113.1, 10.0.0.2' }
  for (const [trustProxy, from] of [
    [undefined, '127.0.0.1'],
    [['192.0.2.0/24'], '127.0.0.1'],
    [['127.0.0.1'], '10.0.0.2'],
    [['127.0.0.1', '10.0.0.0/8'], '203.0.113.1'],
    [1, '10.0.0.2'],
    [2, '203.0.113.1'],
  ] as const) {
    const ingest = await startIngest(t, trustProxy === undefined ? {} : { trustProxy })
    await ingest.post(canonicalItem(), sent)
    assert.deepEqual(
      ingest.log.entries().map((entry) => entry.from),
      [from],
    )
  }
})

test('onAuthenticated reports scheme and position of each credential', async (t) => {
  const uses: [string, number][] = []
  const onAuthenticated = (scheme: string, position: number) => uses.push([scheme, position])
  const ingest = await startIngest(t, { auth: { tokens: ['new', 'old'] }, onAuthenticated })
  for (const name of ['old', 'new', 'wrong'])
    await ingest.post(canonicalItem(), { authorization: `Bearer ${name}` })
  assert.deepEqual(uses, [
    ['token', 2],
    ['token', 1],
  ])
})

test('regression: replaying an X-Hub-Signature-256 request with another, unsigned webhook-id created a new event', async (t) => {
  const ingest = await startIngest(t, { auth: { secrets: ['key'], tokens: [] } })
  const body = JSON.stringify(canonicalItem())
  const signature = `sha256=${createHmac('sha256', 'key').update(body).digest('hex')}`
  const send = async (id: string) => {
    const headers = { authorization: '', 'x-hub-signature-256': signature, 'webhook-id': id }
    const { accepted, duplicates } = (await ingest.post(body, headers)).json()
    return [accepted, duplicates]
  }
  assert.deepEqual(
    [await send('1'), await send('1'), await send('2')],
    [
      [1, 0],
      [0, 1],
      [0, 1],
    ],
  )
})

test('a repeated webhook-id is a duplicate, but an id of the event itself takes precedence', async (t) => {
  const secret = `whsec_${Buffer.from('a key of the relay, 24 bytes+').toString('base64')}`
  const at = 1_770_000_000_000
  const ingest = await startIngest(t, { auth: { secrets: [secret], tokens: [] }, now: () => at })
  const send = async (webhookId: string, item: Record<string, unknown>) => {
    const body = JSON.stringify(item)
    const headers = {
      authorization: '',
      'webhook-id': webhookId,
      'webhook-timestamp': String(at / 1_000),
      'webhook-signature': new Webhook(secret).sign(webhookId, new Date(at), body),
    }
    const { accepted, duplicates } = (await ingest.post(body, headers)).json()
    return [accepted, duplicates]
  }
  assert.deepEqual(await send('msg_1', canonicalItem({ id: 'own' })), [1, 0])
  assert.deepEqual(await send('msg_1', canonicalItem({ id: 'own' })), [0, 1])
  assert.deepEqual(await send('msg_2', canonicalItem({ id: 'own' })), [0, 1])
  assert.deepEqual(await send('msg_1', canonicalItem({ id: 'another' })), [1, 0])
  assert.deepEqual(await send('msg_1', canonicalItem()), [1, 0])
  assert.deepEqual(await send('msg_1', canonicalItem({ note: 'changed' })), [0, 1])
})

test('a signed request repeated within 5 minutes is a duplicate, later it is refused', async (t) => {
  const secret = `whsec_${Buffer.from('a key of the relay, 24 bytes+').toString('base64')}`
  let now = 1_770_000_000_000
  const ingest = await startIngest(t, { auth: { secrets: [secret], tokens: [] }, now: () => now })
  const body = JSON.stringify(canonicalItem())
  const signed = (id: string) => ({
    authorization: '',
    'webhook-id': id,
    'webhook-timestamp': '1770000000',
    'webhook-signature': new Webhook(secret).sign(id, new Date(1_770_000_000_000), body),
  })
  assert.equal((await ingest.post(body, signed('msg_1'))).json().accepted, 1)
  now += 5 * 60_000
  assert.equal((await ingest.post(body, signed('msg_1'))).json().duplicates, 1)
  assert.equal((await ingest.post(body, signed('msg_2'))).json().accepted, 1)
  assert.equal((await ingest.post(body, { ...signed('msg_1'), 'webhook-id': 'msg_3' })).statusCode, 401)
  now += 1
  assert.equal((await ingest.post(body, signed('msg_1'))).statusCode, 401)
})

test('the sender key is the /64 network for IPv6 and the whole address for IPv4', () => {
  for (const [address, sender] of [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::2:3:4:5:6:7:8', '0:2:3:4::/64'],
    ['1:2::', '1:2:0:0::/64'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
    ['x'.repeat(10_000), 'unknown'],
    ['', 'unknown'],
  ] as const)
    assert.equal(senderOf(address), sender)
})

test('property: two IPv6 addresses share a key if and only if their first 64 bits are equal', () => {
  const group = fc.constantFrom('0', '1', 'ab', 'ffff')
  const groups = fc.array(group, { minLength: 8, maxLength: 8 })
  const mapped = (written: string) => written.startsWith('0:0:0:0:0:ffff:')
  fc.assert(
    fc.property(groups, groups, (a, b) => {
      fc.pre(!mapped(a.join(':')) && !mapped(b.join(':')))
      const shared = a.slice(0, 4).join() === b.slice(0, 4).join()
      assert.equal(senderOf(a.join(':')) === senderOf(b.join(':')), shared)
    }),
    { numRuns: rounds(150) },
  )
})

function setUp(options: { maxFailures?: number; maxSenders?: number } = {}) {
  let now = 5_000
  const failures = createFailureCounter({
    maxFailures: 2,
    windowMs: 10_000,
    ...options,
    monotonic: () => now,
  })
  return {
    record: failures.record,
    later: (ms: number) => {
      now += ms
    },
  }
}

const within = { kind: 'within', log: true }

test('over the limit, failures are too_many until the window ends, and only the first is logged', () => {
  const { record, later } = setUp()
  assert.deepEqual([record('192.0.2.1'), record('192.0.2.1')], [within, within])
  later(1_500)
  assert.deepEqual(record('192.0.2.1'), { kind: 'too_many', log: true, retryAfterSeconds: 9 })
  later(8_499)
  assert.deepEqual(record('192.0.2.1'), { kind: 'too_many', log: false, retryAfterSeconds: 1 })
  later(1)
  assert.deepEqual(record('192.0.2.1'), within)
})

test('each sender has its own count, and an IPv6 /64 network is one sender', () => {
  const { record } = setUp()
  for (let count = 0; count < 3; count += 1) record('192.0.2.1')
  assert.deepEqual(record('192.0.2.2'), within)
  for (const address of ['2001:db8::1', '2001:db8::2']) record(address)
  assert.equal(record('2001:db8::3').kind, 'too_many')
  assert.equal(record('2001:db8:0:1::3').kind, 'within')
})

test('at most maxSenders are kept, and the least recently seen one is dropped', () => {
  const { record } = setUp({ maxSenders: 2 })
  for (let count = 0; count < 3; count += 1) record('192.0.2.1')
  record('192.0.2.2')
  assert.equal(record('192.0.2.1').kind, 'too_many')
  record('192.0.2.3')
  assert.equal(record('192.0.2.1').kind, 'too_many')
  record('192.0.2.4')
  record('192.0.2.5')
  assert.deepEqual(record('192.0.2.1'), within)
})

test('maxFailures 0 means no limit', () => {
  const { record } = setUp({ maxFailures: 0 })
  for (let count = 0; count < 100; count += 1) assert.deepEqual(record('192.0.2.1'), within)
})
