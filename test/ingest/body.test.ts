import assert from 'node:assert/strict'
import type { IncomingHttpHeaders } from 'node:http'
import { test } from 'node:test'
import { Problem } from '../../src/errors.ts'
import { readBody } from '../../src/ingest/body.ts'

const json = { 'content-type': 'application/json' }
const read = (text: string, headers: IncomingHttpHeaders = json, maxBatch = 3) =>
  readBody(Buffer.from(text), headers, maxBatch)

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
