import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { createHttpTable, type HttpTableDependencies } from '../../src/lookups/http-table.ts'
import { httpLookupSchema } from '../../src/lookups/lookup-schema.ts'
import { serve } from '../genesys/harness.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { until } from '../helpers/wait.ts'

interface SetUp {
  readonly listener: RequestListener
  readonly lookup?: Readonly<Record<string, unknown>>
  readonly dependencies?: Partial<HttpTableDependencies>
}

/** A table that calls a real server, with a manual clock. */
async function setUp(t: TestContext, { listener, lookup, dependencies }: SetUp) {
  const asked: string[] = []
  const { url, server } = await serve(t, (request, response) => {
    asked.push(decodeURIComponent(request.url ?? '').slice('/customers/'.length))
    listener(request, response)
  })
  const folder = await temporaryFolder(t)
  const failures: string[] = []
  let now = 1_000_000
  const definition = httpLookupSchema.parse({ url: `${url}/customers/{key}`, allowPrivate: true, ...lookup })
  const table = createHttpTable(definition, {
    folder,
    now: () => now,
    random: () => 0,
    onFailure: (cause) => failures.push(cause),
    ...dependencies,
  })
  t.after(table.close)
  return {
    table,
    server,
    folder,
    asked,
    failures,
    tick: (ms: number) => {
      now += ms
    },
    lookUp: async (key: string) => {
      await table.fetch(key)
      const known = table.peek(key)
      return known.kind === 'row' ? { ...known.row } : known.kind === 'failed' ? known.cause : known.kind
    },
  }
}

const json =
  (value: unknown): RequestListener =>
  (_request, response) =>
    response.setHeader('content-type', 'application/json').end(JSON.stringify(value))

const status =
  (code: number): RequestListener =>
  (_request, response) =>
    response.writeHead(code).end()

test('a key is unknown until it is fetched, then its row is cached', async (t) => {
  const { table, asked, failures, lookUp } = await setUp(t, { listener: json({ tier: 'gold', limit: 7 }) })
  assert.deepEqual(table.peek('tel:+1317'), { kind: 'unknown' })
  assert.deepEqual(await lookUp('tel:+1317'), { tier: 'gold', limit: '7' })
  assert.deepEqual(await lookUp('tel:+1317'), { tier: 'gold', limit: '7' })
  assert.deepEqual(asked, ['tel:+1317'])
  assert.deepEqual(failures, [])
})

test('the table has the columns of the definition', async (t) => {
  const lookup = { columns: { tier: 'customer.tier' } }
  const { table, lookUp } = await setUp(t, { listener: json({ customer: { tier: 'gold' }, x: 1 }), lookup })
  assert.deepEqual(table.columns, ['tier'])
  assert.deepEqual(await lookUp('a'), { tier: 'gold' })
})

test('a row is cached for ttlSeconds, a missing row for negativeTtlSeconds', async (t) => {
  const lookup = { ttlSeconds: 300, negativeTtlSeconds: 60 }
  const listener: RequestListener = (request, response) =>
    request.url?.endsWith('known')
      ? json({ tier: 'gold' })(request, response)
      : status(404)(request, response)
  const { table, lookUp, tick, asked } = await setUp(t, { listener, lookup })
  assert.deepEqual(await lookUp('known'), { tier: 'gold' })
  assert.equal(await lookUp('other'), 'none')
  tick(60_000)
  assert.equal(table.peek('other').kind, 'none')
  tick(1)
  assert.equal(table.peek('other').kind, 'unknown')
  assert.equal(table.peek('known').kind, 'row')
  tick(240_000)
  assert.equal(table.peek('known').kind, 'unknown')
  await lookUp('known')
  assert.deepEqual(asked, ['known', 'other', 'known'])
})

test('a key without a URL has no row and causes no call', async (t) => {
  const { lookUp, asked } = await setUp(t, { listener: json({ tier: 'gold' }) })
  for (const key of ['', '.', '..', '\ud800', 'x'.repeat(501)]) assert.equal(await lookUp(key), 'none')
  assert.deepEqual(asked, [])
})

const failing: Record<string, [cause: string, listener: RequestListener]> = {
  'a status of the server': ['status', status(500)],
  'a redirect, which is not followed': [
    'status',
    (_, response) => response.writeHead(302, { location: '/x' }).end(),
  ],
  'a reset connection': ['network', (request) => request.socket.resetAndDestroy()],
  'no JSON': ['bad_answer', (_, response) => response.end('<html>')],
  'a list': ['bad_answer', json([{ tier: 'gold' }])],
  'an answer larger than 64 KiB': ['bad_answer', json({ tier: 'x'.repeat(65_536) })],
  'an answer that is larger than 64 KiB once it is unpacked': [
    'bad_answer',
    (_, response) =>
      response.setHeader('content-encoding', 'gzip').end(gzipSync(JSON.stringify({ a: 'x'.repeat(65_536) }))),
  ],
  'no answer in time': ['timeout', () => {}],
  'an answer that does not end in time': ['timeout', (_, response) => response.write('{')],
}

for (const [name, [cause, listener]] of Object.entries(failing)) {
  test(`a failure: ${name}`, async (t) => {
    const lookup = cause === 'timeout' ? { timeoutMs: 100 } : {}
    const { lookUp, asked, failures } = await setUp(t, { listener, lookup })
    assert.equal(await lookUp('a'), cause)
    assert.deepEqual(asked, ['a'])
    assert.deepEqual(failures, [cause])
  })
}

test('an answer of nearly 64 KiB is accepted', async (t) => {
  const { lookUp } = await setUp(t, { listener: json({ tier: 'x'.repeat(65_000) }) })
  assert.deepEqual(await lookUp('a'), { tier: 'x'.repeat(65_000) })
})

test('a failure is cached for 5 to 10 seconds', async (t) => {
  for (const [random, ms] of [
    [() => 0, 5_000],
    [() => 0.999999, 10_000],
  ] as const) {
    const { table, lookUp, tick } = await setUp(t, { listener: status(400), dependencies: { random } })
    await lookUp('a')
    tick(ms)
    assert.deepEqual(table.peek('a'), { kind: 'failed', cause: 'status' })
    tick(1)
    assert.deepEqual(table.peek('a'), { kind: 'unknown' })
  }
})

test('an unreachable server is a failure', async (t) => {
  const { lookUp, server } = await setUp(t, { listener: status(200) })
  server.close()
  await once(server, 'close')
  assert.equal(await lookUp('a'), 'network')
})

test('concurrent fetches of one key share one call', async (t) => {
  const answers: ServerResponse[] = []
  const { table, asked } = await setUp(t, { listener: (_, response) => answers.push(response) })
  const fetching = Array.from({ length: 10 }, () => table.fetch('a'))
  const [response] = await until('the call', () => answers.length > 0 && answers)
  response?.end('{"tier":"gold"}')
  await Promise.all(fetching)
  assert.deepEqual(asked, ['a'])
  assert.equal(table.peek('a').kind, 'row')
})

test('calls never exceed the concurrency; a call beyond the queue fails at once, and the failure is cached', async (t) => {
  const answers: ServerResponse[] = []
  const { table, tick } = await setUp(t, {
    listener: (_, response) => answers.push(response),
    lookup: { concurrency: 2, timeoutMs: 60_000 },
  })
  const fetching = Array.from({ length: 42 }, (_, n) => table.fetch(`key-${n}`))
  await until('two calls', () => answers.length === 2)
  await table.fetch('one too many')
  assert.deepEqual(table.peek('one too many'), { kind: 'failed', cause: 'queue_full' })
  tick(1_000)
  assert.equal(table.peek('one too many').kind, 'failed')
  tick(1)
  assert.equal(table.peek('one too many').kind, 'unknown')
  let most = 0
  for (let answered = 0; answered < 42; ) {
    const open = await until('a call', () => answers.length > answered && answers.slice(answered))
    most = Math.max(most, open.length)
    for (const response of open) response.end('{}')
    answered += open.length
  }
  await Promise.all(fetching)
  assert.equal(most, 2)
})

test('an outage opens the breaker, which stops calls and later probes the server', async (t) => {
  let answer = status(503)
  const { lookUp, asked, tick } = await setUp(t, { listener: (...call) => answer(...call) })
  for (let n = 0; n < 5; n += 1) assert.equal(await lookUp(`key-${n}`), 'status')
  assert.equal(await lookUp('a'), 'breaker_open')
  assert.equal(asked.length, 5)
  answer = json({ tier: 'gold' })
  tick(1_000)
  for (const key of ['b', 'c']) assert.deepEqual(await lookUp(key), { tier: 'gold' })
  assert.equal(asked.length, 7)
})

test('refused keys do not open the breaker', async (t) => {
  const { lookUp, asked } = await setUp(t, { listener: status(400) })
  for (let n = 0; n < 20; n += 1) assert.equal(await lookUp(`key-${n}`), 'status')
  assert.equal(asked.length, 20)
})

test('headers are sent; a rotated secret takes effect with the next call, and a missing one is a failure', async (t) => {
  const seen: (string | undefined)[] = []
  const { lookUp, folder, asked } = await setUp(t, {
    listener: (request: IncomingMessage, response) => {
      seen.push(`${request.method} ${request.headers['x-from']} ${request.headers.authorization}`)
      response.end('{}')
    },
    lookup: { headers: { 'X-From': 'enricher', Authorization: { file: 'token' } } },
  })
  assert.equal(await lookUp('early'), 'header_file')
  for (const token of ['first', 'second']) {
    await writeFile(join(folder, 'token'), `Bearer ${token}\n`)
    await lookUp(token)
  }
  assert.deepEqual(seen, ['GET enricher Bearer first', 'GET enricher Bearer second'])
  assert.deepEqual(asked, ['first', 'second'])
})

test('beyond maxEntries the least recently used keys are removed', async (t) => {
  const { table } = await setUp(t, {
    listener: json({ tier: 'gold' }),
    lookup: { maxEntries: 1_000, concurrency: 50 },
  })
  for (let n = 0; n < 1_000; n += 100)
    await Promise.all(Array.from({ length: 100 }, (_, m) => table.fetch(`key-${n + m}`)))
  assert.equal(table.peek('key-0').kind, 'row')
  await table.fetch('one more')
  const keys = [...Array.from({ length: 1_000 }, (_, n) => `key-${n}`), 'one more']
  assert.deepEqual(
    keys.filter((key) => table.peek(key).kind !== 'row'),
    ['key-1'],
  )
})

test('close() ends the calls under way and all connections, and stops further calls', async (t) => {
  const sockets: IncomingMessage['socket'][] = []
  const { table, lookUp, asked } = await setUp(t, {
    listener: (request, response) => {
      sockets.push(request.socket)
      if (request.url?.endsWith('answered')) response.end('{}')
    },
    lookup: { concurrency: 1, timeoutMs: 60_000 },
  })
  await table.fetch('answered')
  const fetching = ['under way', 'waiting'].map((key) => table.fetch(key))
  await until('the call', () => asked.length === 2)
  table.close()
  await Promise.all(fetching)
  for (const key of ['under way', 'waiting'])
    assert.deepEqual(table.peek(key), { kind: 'failed', cause: 'closed' })
  assert.equal(await lookUp('later'), 'closed')
  await until('all connections are closed', () => sockets.every(({ destroyed }) => destroyed))
  assert.deepEqual(asked, ['answered', 'under way'])
})

test('failures contain no keys or values', async (t) => {
  const { lookUp, failures } = await setUp(t, { listener: (_, response) => response.end('secret-value') })
  await lookUp('secret-key')
  assert.deepEqual(failures, ['bad_answer'])
})
