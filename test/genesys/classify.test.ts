import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { classify, rateHeaders, retryAfter } from '../../src/genesys/classify.ts'
import { rounds } from '../helpers/rounds.ts'

const now = Date.parse('2026-03-01T12:00:00Z')
const answer = (status: number, headers: Record<string, unknown> = {}, body = '') => ({
  status,
  headers,
  body,
})

const kinds: [status: number, kind: string][] = [
  [200, 'ok'],
  [202, 'ok'],
  [204, 'ok'],
  [301, 'unavailable'],
  [304, 'unavailable'],
  [400, 'rejected'],
  [402, 'rejected'],
  [403, 'forbidden'],
  [404, 'not_found'],
  [405, 'rejected'],
  [408, 'unavailable'],
  [409, 'conflict'],
  [413, 'rejected'],
  [415, 'rejected'],
  [422, 'rejected'],
  [429, 'rate_limited'],
  [499, 'rejected'],
  [500, 'unavailable'],
  [502, 'unavailable'],
  [503, 'unavailable'],
  [504, 'unavailable'],
  [599, 'unavailable'],
]
for (const [status, kind] of kinds) {
  test(`${status} is ${kind}`, () => {
    assert.equal(classify(answer(status), now).kind, kind)
  })
}

test('every response has its rate headers, or none', () => {
  const headers = {
    'inin-ratelimit-count': '41',
    'inin-ratelimit-allowed': '300',
    'inin-ratelimit-reset': '17',
  }
  const rate = { count: 41, allowed: 300, resetMs: 17_000 }
  for (const status of [202, 400, 403, 404, 409, 429, 503]) {
    assert.deepEqual(classify(answer(status, headers), now).rate, rate, String(status))
    assert.equal(classify(answer(status), now).rate, 'none', String(status))
  }
})

test('incomplete or invalid rate headers count as absent', () => {
  const good = {
    'inin-ratelimit-count': '1',
    'inin-ratelimit-allowed': '2',
    'inin-ratelimit-reset': '3',
  }
  assert.ok(rateHeaders(good))
  for (const name of Object.keys(good)) {
    const { [name as keyof typeof good]: _, ...rest } = good
    assert.equal(rateHeaders(rest), undefined, name)
    for (const value of ['', '-1', '1.5', '1e3', ' 1', 'many', '12345678901', 5, null])
      assert.equal(rateHeaders({ ...good, [name]: value }), undefined, `${name}: ${value}`)
  }
  assert.equal(rateHeaders({ ...good, 'inin-ratelimit-allowed': '0' }), undefined)
})

const httpDate = (time: number) => new Date(time).toUTCString()

const retryAfters: [description: string, headers: Record<string, unknown>, ms: number | undefined][] = [
  ['seconds', { 'retry-after': '42' }, 42_000],
  ['seconds with spaces', { 'retry-after': ' 42 ' }, 42_000],
  ['seconds with a fraction', { 'retry-after': '0.5' }, 500],
  ['zero', { 'retry-after': '0' }, 0],
  [
    'a date, by the local clock if the response has no Date',
    { 'retry-after': httpDate(now + 30_000) },
    30_000,
  ],
  [
    "a date, by the response's Date, even if the local clock is wrong",
    { 'retry-after': httpDate(now + 930_000), date: httpDate(now + 900_000) },
    30_000,
  ],
  ['a date with a malformed Date header', { 'retry-after': httpDate(now + 30_000), date: 'x' }, 30_000],
  ['a date that has passed', { 'retry-after': httpDate(now - 30_000) }, 0],
  ['a day: classify sets no maximum', { 'retry-after': '86400' }, 86_400_000],
  ['no header', {}, undefined],
  ['an empty value', { 'retry-after': '' }, undefined],
  ['a word', { 'retry-after': 'soon' }, undefined],
  ['a negative number', { 'retry-after': '-5' }, undefined],
  ['text around a number', { 'retry-after': 'wait 5' }, undefined],
  ['a list', { 'retry-after': ['5'] }, undefined],
  ['a date that is not an HTTP date', { 'retry-after': '2026-03-01T12:00:30Z' }, undefined],
  ['text that starts like a date', { 'retry-after': 'Monday 5' }, undefined],
  ['a fraction of a millisecond, rounded up', { 'retry-after': '0.0001' }, 1],
]
for (const [description, headers, retryAfterMs] of retryAfters) {
  test(`429 with Retry-After: ${description}`, () => {
    assert.deepEqual(classify(answer(429, headers), now), {
      kind: 'rate_limited',
      retryAfterMs,
      rate: 'none',
    })
  })
}

for (const status of [408, 500, 502, 503, 504]) {
  test(`${status} with Retry-After: the answer has retryAfterMs unless the header is malformed`, () => {
    const unavailable = { kind: 'unavailable', detail: String(status), cause: String(status), rate: 'none' }
    for (const [description, headers, retryAfterMs] of retryAfters) {
      const expected = retryAfterMs === undefined ? unavailable : { ...unavailable, retryAfterMs }
      assert.deepEqual(classify(answer(status, headers), now), expected, description)
    }
  })
}

const pauses: [description: string, headers: Record<string, string>, ms: number | undefined][] = [
  ['Retry-After before reset', { 'retry-after': '5', 'inin-ratelimit-reset': '17' }, 5_000],
  ['reset without Retry-After', { 'inin-ratelimit-reset': '17' }, 17_000],
  ['reset with a malformed Retry-After', { 'retry-after': 'soon', 'inin-ratelimit-reset': '17' }, 17_000],
  ['neither if reset is invalid', { 'inin-ratelimit-reset': '999999999' }, undefined],
]
for (const [description, headers, retryAfterMs] of pauses) {
  test(`429 waits by ${description}`, () => {
    const classified = classify(answer(429, headers), now)
    assert.equal(classified.kind === 'rate_limited' && classified.retryAfterMs, retryAfterMs)
  })
}

test('all three forms of HTTP dates are read', () => {
  const time = Date.parse('1994-11-06T08:49:37Z')
  for (const value of [
    'Sun, 06 Nov 1994 08:49:37 GMT',
    'Sunday, 06-Nov-94 08:49:37 GMT',
    'Sun Nov  6 08:49:37 1994',
  ]) {
    const date = 'Sun, 06 Nov 1994 08:49:00 GMT'
    assert.equal(retryAfter({ 'retry-after': value, date }, time), 37_000, value)
  }
})

test('any Retry-After value gives a non-negative wait or undefined', () => {
  const anything = fc.oneof(
    fc.string(),
    fc.integer().map(String),
    fc.double().map(String),
    fc.date().map(String),
  )
  const property = fc.property(anything, anything, (value, date) => {
    const wait = retryAfter({ 'retry-after': value, date }, now)
    assert.ok(wait === undefined || (wait >= 0 && Number.isFinite(wait)), `${value}: ${wait}`)
  })
  fc.assert(property, { numRuns: rounds(300) })
})

const detailOf = (status: number, headers: Record<string, unknown>, body: string): unknown => {
  const classified = classify(answer(status, headers, body), now)
  return 'detail' in classified ? classified.detail : undefined
}

test("the detail holds status, Genesys's code and message, and the correlation id", () => {
  const body = JSON.stringify({ code: 'bad.request', message: 'No.', contextId: 'context', extra: 1 })
  assert.equal(
    detailOf(400, { 'inin-correlation-id': 'correlation' }, body),
    '400 bad.request No. (correlation id correlation)',
  )
  assert.equal(detailOf(400, {}, body), '400 bad.request No. (correlation id context)')
})

test('without an ErrorBody the detail has only the status', () => {
  for (const body of ['', '<html>', '"text"', 'null', '[]', '{"code":5}'])
    assert.equal(detailOf(502, {}, body), '502', body)
})

test('a long message is truncated', () => {
  const detail = String(detailOf(400, {}, JSON.stringify({ message: 'x'.repeat(100_000) })))
  assert.ok(detail.length < 1_000)
})

test('a reset of more than an hour is ignored', () => {
  const headers = {
    'inin-ratelimit-count': '300',
    'inin-ratelimit-allowed': '300',
    'inin-ratelimit-reset': '999999999',
  }
  assert.equal(rateHeaders(headers), undefined)
  assert.deepEqual(rateHeaders({ ...headers, 'inin-ratelimit-reset': '60' }), {
    count: 300,
    allowed: 300,
    resetMs: 60_000,
  })
})

test('the cause has status and code of the error, and nothing that could be a value', () => {
  const causeOf = (body: string) => {
    const classified = classify(answer(403, {}, body), now)
    return 'cause' in classified ? classified.cause : undefined
  }
  assert.equal(causeOf(JSON.stringify({ code: 'not.authorized', message: 'hush' })), '403 not.authorized')
  for (const code of ['tel:+13175550100', 'hush 5', '', 'a'.repeat(1_000), 5])
    assert.equal(causeOf(JSON.stringify({ code })), '403', String(code))
  assert.equal(causeOf('<html>'), '403')
})
