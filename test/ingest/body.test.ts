import assert from 'node:assert/strict'
import type { IncomingHttpHeaders } from 'node:http'
import { test } from 'node:test'
import { Problem } from '../../src/errors.ts'
import { readBody } from '../../src/ingest/body.ts'
import { canonicalItem, cloudEvent } from '../helpers/events.ts'

const json = { 'content-type': 'application/json' }
const readAll = (text: string, headers: IncomingHttpHeaders = json, maxBatch = 3) =>
  readBody(Buffer.from(text), headers, maxBatch)
const read = (...request: Parameters<typeof readAll>) => readAll(...request).items

/** The code and text of the problem that a body meets. */
function refused(text: string, headers?: IncomingHttpHeaders): { code: string; words: string } {
  try {
    read(text, headers)
  } catch (error) {
    assert.ok(error instanceof Problem)
    return { code: error.code, words: JSON.stringify(error.body()) }
  }
  assert.fail('was accepted')
}

const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`

test('one event is a batch of one; an array is its items', () => {
  assert.deepEqual(read('{"a":1}'), [{ a: 1 }])
  assert.deepEqual(read('[{"a":1},2,null]'), [{ a: 1 }, 2, null])
  assert.deepEqual(read('[]'), [])
})

for (const type of [
  'application/json',
  'application/json; charset=utf-8',
  'application/json;charset=UTF-8',
  'APPLICATION/JSON',
  'application/json ',
]) {
  test(`${JSON.stringify(type)} is accepted`, () =>
    assert.deepEqual(read('[1]', { 'content-type': type }), [1]))
}

for (const type of [undefined, '', 'text/plain', 'application/jsonx', 'application/json-seq', 'text/json']) {
  test(`content type ${type} is refused before the body is looked at`, () => {
    assert.equal(refused('not json', { 'content-type': type }).code, 'unsupported_media_type')
  })
}

for (const encoding of ['gzip', 'br', 'deflate, gzip']) {
  test(`a body in ${encoding} is refused, not misread`, () => {
    assert.equal(refused('[]', { ...json, 'content-encoding': encoding }).code, 'unsupported_media_type')
  })
}

test('identity is no encoding', () => {
  assert.deepEqual(read('[]', { ...json, 'content-encoding': 'identity' }), [])
})

for (const text of ['', ' ', '{', '{"a":}', 'undefined', "{'a':1}", '[1,]', '{}{}', 'NaN']) {
  test(`${JSON.stringify(text)} is no JSON`, () => assert.equal(refused(text).code, 'invalid_json'))
}

test('the answer to a body that is no JSON does not quote it', () => {
  assert.ok(!refused('{"secret": hush}').words.includes('hush'))
})

test('a batch up to the limit is taken, one more is refused with both numbers', () => {
  assert.equal(read('[1,2,3]').length, 3)
  const { code, words } = refused('[1,2,3,4]')
  assert.equal(code, 'batch_too_large')
  assert.match(words, /4 events, at most 3/)
})

test('events may be nested 64 levels deep, alone and in a batch; deeper ones are refused', () => {
  assert.equal(read(`[${nested(64)}]`).length, 1)
  assert.equal(read(`{"a":${nested(63)}}`).length, 1)
  assert.match(refused(`[${nested(65)}]`).words, /deeper than 64 levels/)
})

test('half a million open brackets do not exhaust the stack', () => {
  assert.equal(refused(nested(500_000)).code, 'invalid_json')
})

/** What each item of a request is read as: the id of its events, or where it is wrong. */
function outcomes(value: unknown, headers: IncomingHttpHeaders): readonly string[] {
  const { items, read } = readAll(JSON.stringify(value), headers)
  return items.map((item) => {
    const result = read(item)
    if (result.kind === 'events') return result.drafts.map(({ id }) => `id ${id}`).join()
    if (result.kind === 'foreign') return 'foreign'
    return result.problems.map(({ path, message }) => `${path} ${message}`.trim()).join('; ')
  })
}

const structured = { 'content-type': 'application/cloudevents+json; charset=utf-8' }
const batched = { 'content-type': 'Application/CloudEvents-Batch+JSON' }
const event = cloudEvent(canonicalItem())

test('structured: one CloudEvent; batched: an array of them', () => {
  assert.deepEqual(outcomes(event, structured), ['id ce-1'])
  assert.deepEqual(outcomes([event, cloudEvent(canonicalItem(), { id: 'ce-2' })], batched), [
    'id ce-1',
    'id ce-2',
  ])
  assert.deepEqual(outcomes([], batched), [])
})

test('as application/json a CloudEvent is told by its shape, also among others', () => {
  assert.deepEqual(outcomes([event, canonicalItem({ id: 'plain' })], json), ['id ce-1', 'id plain'])
})

test('an array where one CloudEvent belongs, and the other way round, is refused with the type it needs', () => {
  assert.match(outcomes([event], structured)[0] ?? '', /application\/cloudevents-batch\+json/)
  assert.match(outcomes(event, batched)[0] ?? '', /application\/cloudevents\+json/)
})

test('what is declared a CloudEvent and is none is rejected for what it lacks, not read as something else', () => {
  assert.deepEqual(outcomes(canonicalItem(), structured), [
    'data must be an event: an object, but is missing',
  ])
  assert.deepEqual(outcomes([5, event], batched), ['must be an object, but is a number', 'id ce-1'])
})

const binary = { 'ce-specversion': '1.0', 'ce-id': 'ce-1', 'ce-source': '/s', 'ce-type': 't' }

test('binary: the attributes are headers, the body is the data', () => {
  assert.deepEqual(outcomes(canonicalItem(), { ...json, ...binary }), ['id ce-1'])
  const vendor = { 'content-type': 'application/vnd.example+json; charset=utf-8' }
  assert.deepEqual(outcomes(canonicalItem(), { ...vendor, ...binary }), ['id ce-1'])
})

test('binary: an array is data that is an array, not a batch', () => {
  const [told, ...more] = outcomes([canonicalItem(), canonicalItem()], { ...json, ...binary })
  assert.match(told ?? '', /^data must be one event, not an array: .*application\/cloudevents-batch\+json/)
  assert.deepEqual(more, [])
})

test('binary: headers that are no UTF-8 are rejected by name', () => {
  const headers = { ...json, ...binary, 'ce-source': '%C0%A0', 'ce-subject': '%ff' }
  assert.deepEqual(outcomes(canonicalItem(), headers), [
    'source must be UTF-8, percent-encoded; subject must be UTF-8, percent-encoded',
  ])
})

for (const headers of [
  { 'content-type': 'application/cloudevents+avro' },
  { 'content-type': 'application/cloudevents' },
  { 'content-type': 'application/cloudevents+xml', ...binary },
  { 'content-type': 'application/xml', ...binary },
  { 'content-type': 'application/vnd.example+json' },
  binary,
]) {
  test(`${JSON.stringify(headers)} is not read`, () => {
    assert.equal(refused(JSON.stringify(event), headers).code, 'unsupported_media_type')
  })
}

test('the limit of a batch holds for CloudEvents, too', () => {
  assert.throws(() => readAll(JSON.stringify([1, 2, 3, 4]), batched), { code: 'batch_too_large' })
})
