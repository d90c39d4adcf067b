import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readJson, unwrapJson } from '../../src/values/json.ts'

const read = (text: string) => readJson(Buffer.from(text))
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`

test('any JSON value is read', () => {
  for (const value of [null, 5, 'text', [1], { a: { b: [] } }])
    assert.deepEqual(read(JSON.stringify(value)), { kind: 'json', value })
})

test('what is no JSON is told without a word of it', () => {
  for (const text of ['', '{', 'hush', '{"hush":}']) assert.deepEqual(read(text), { kind: 'invalid' })
})

test('a value may be nested 65 levels deep: a batch of events of 64', () => {
  assert.equal(read(nested(65)).kind, 'json')
  assert.deepEqual(read(nested(66)), { kind: 'invalid', why: 'nested deeper than 64 levels' })
})

test('many brackets side by side, or in a text, are not deep', () => {
  for (const value of [Array(100).fill({}), Array(100).fill([]), '[{'.repeat(100)])
    assert.deepEqual(read(JSON.stringify(value)), { kind: 'json', value })
})

test('depth is found behind many brackets that are not deep', () => {
  assert.equal(read(`[${'[],'.repeat(100)}${nested(64)}]`).kind, 'json')
  assert.equal(read(`[${'[],'.repeat(100)}${nested(65)}]`).kind, 'invalid')
  assert.equal(read(`${'{"a":'.repeat(66)}1${'}'.repeat(66)}`).kind, 'invalid')
})

test('one byte order mark before the JSON is skipped', () => {
  assert.deepEqual(read('\ufeff {"a":1}'), { kind: 'json', value: { a: 1 } })
  assert.deepEqual(read('\ufeff\ufeff{}'), { kind: 'invalid' })
  assert.deepEqual(read('\ufeff'), { kind: 'invalid' })
  assert.deepEqual(read('["\ufeff"]'), { kind: 'json', value: ['\ufeff'] })
})

test('a text that holds an object or array is decoded once, every other value stays', () => {
  assert.deepEqual(unwrapJson('{"a":"{}"}'), { kind: 'json', value: { a: '{}' } })
  assert.deepEqual(unwrapJson('\ufeff[1]'), { kind: 'json', value: [1] })
  for (const value of ['', 'text', '5', 'null', '"{}"', '{', 5, null, { a: '{}' }])
    assert.deepEqual(unwrapJson(value), { kind: 'json', value })
})

test('a value encoded twice may not be nested deeper than another', () => {
  assert.equal(unwrapJson(nested(65)).kind, 'json')
  assert.deepEqual(unwrapJson(nested(66)), { kind: 'invalid', why: 'nested deeper than 64 levels' })
  assert.equal(unwrapJson(nested(500_000)).kind, 'invalid')
})

test('property: a byte order mark changes nothing', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      assert.deepEqual(read(`\ufeff${text}`), read(text))
    }),
  )
})
