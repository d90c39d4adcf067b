import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readBase64 } from '../../src/values/base64.ts'

test('base64 and base64url are read, with white space and without padding', () => {
  const bytes = Buffer.from([0xfb, 0xff, 0xfe, 0x01])
  for (const text of ['+//+AQ==', '-__-AQ', ' +//+\r\nAQ== \n']) assert.deepEqual(readBase64(text), bytes)
})

test('any other text is not base64', () => {
  for (const text of ['', 'é!', '{"a":1}', 'AQ===', 'A=Q=']) assert.equal(readBase64(text), undefined, text)
})
