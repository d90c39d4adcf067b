import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readJson, unwrapJson } from '../../src/values/json.ts'

const read = (text: string) => readJson(Buffer.from(text))
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`

test('readJson accepts any JSON value', () => {
  for (const value of [null, 5, 'text', [1], { a: { b: [] } }])
    assert.deepEqual(read(JSON.stringify(value)), { kind: 'json', value })
})

test('invalid JSON is reported without quoting it', () => {
  for (const text of ['', '{', 'hush', '{"hush":}']) assert.deepEqual(read(text), { kind: 'invalid' })
})

test('values nested up to 65 levels are accepted: an array of events with 64 levels', () => {
  assert.equal(read(nested(65)).kind, 'json')
  assert.deepEqual(read(nested(66)), { kind: 'invalid', why: 'nested deeper than 64 levels' })
})

test('many brackets side by side or inside a string do not count as depth', () => {
  for (const value of [Array(100).fill({}), Array(100).fill([]), '[{'.repeat(100)])
    assert.deepEqual(read(JSON.stringify(value)), { kind: 'json', value })
})

test('deep nesting after many flat brackets is detected', () => {
  assert.equal(read(`[${'[],'.repeat(100)}${nested(64)}]`).kind, 'json')
  assert.equal(read(`[${'[],'.repeat(100)}${nested(65)}]`).kind, 'invalid')
  assert.equal(read(`${'{"a":'.repeat(66)}1${'}'.repeat(66)}`).kind, 'invalid')
})

test('one leading byte order mark is skipped', () => {
  assert.deepEqual(read('\ufeff {"a":1}'), { kind: 'json', value: { a: 1 } })
  assert.deepEqual(read('\ufeff\ufeff{}'), { kind: 'invalid' })
  assert.deepEqual(read('\ufeff'), { kind: 'invalid' })
  assert.deepEqual(read('["\ufeff"]'), { kind: 'json', value: ['\ufeff'] })
})

test('unwrapJson decodes a string with an object or array once, and returns other values unchanged', () => {
  assert.deepEqual(unwrapJson('{"a":"{}"}'), { kind: 'json', value: { a: '{}' } })
  assert.deepEqual(unwrapJson('\ufeff[1]'), { kind: 'json', value: [1] })
  for (const value of ['', 'text', '5', 'null', '"{}"', '{', 5, null, { a: '{}' }])
    assert.deepEqual(unwrapJson(value), { kind: 'json', value })
})

test('the depth limit also applies to values encoded twice', () => {
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
