import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Answer, type ColumnPaths, readAnswer, readHeaders } from '../../src/lookups/lookup-call.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { plain } from './harness.ts'

const answered = (status: number, body: string, columns?: ColumnPaths): Answer =>
  readAnswer({ kind: 'answered', answer: { status, headers: {}, body } }, columns)

function rowOf(body: string, columns?: ColumnPaths): Record<string, string> | undefined {
  const answer = answered(200, body, columns)
  assert.ok(answer.kind === 'row', JSON.stringify(answer))
  return plain(answer.row)
}

test('the top-level values of an answer are the columns, in their written form', () => {
  const body =
    '{"tier":"gold","limit":1.50,"id":12345678901234567890,"vip":true,"note":null,"address":{"city":"Ulm"},"tags":["a"]}'
  assert.deepEqual(rowOf(body), {
    tier: 'gold',
    limit: '1.50',
    id: '12345678901234567890',
    vip: 'true',
    note: '',
  })
})

test('columns can have paths, and missing values are absent', () => {
  const body = '{"customer":{"tier":"gold","tags":["new",{"since":2020}],"a":{}},"x":null}'
  const columns = {
    tier: 'customer.tier',
    tag: 'customer.tags.0',
    since: 'customer.tags.1.since',
    nothing: 'x',
    map: 'customer.a',
    list: 'customer.tags',
    beyond: 'customer.tags.7',
    length: 'customer.tags.length',
    deeper: 'customer.tier.length',
    missing: 'y.z',
    inherited: 'constructor.name',
    proto: '__proto__.toString',
  }
  assert.deepEqual(rowOf(body, columns), { tier: 'gold', tag: 'new', since: '2020', nothing: '' })
})

test('names of JavaScript properties are ordinary columns', () => {
  const answer = answered(200, '{"__proto__":"a","constructor":"b"}')
  assert.ok(answer.kind === 'row')
  assert.deepEqual(Object.entries(answer.row), [
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ])
  assert.deepEqual(Object.entries(rowOf('{"a":{"__proto__":"x"}}', { p: 'a.__proto__' }) ?? {}), [['p', 'x']])
})

test('404 and 204 mean that there is no row', () => {
  for (const status of [404, 204]) assert.equal(answered(status, '').kind, 'none')
})

test('an answer that is not a JSON object is a failure of the API', () => {
  for (const body of ['', 'null', '[]', '"a"', '7', '{', '<html>', '['.repeat(60_000)])
    assert.deepEqual(answered(200, body), { kind: 'failed', cause: 'bad_answer', status: 200, broken: true })
})

test('other statuses are failures of the API, except 4xx for one key', () => {
  for (const [status, broken] of [
    [400, false],
    [410, false],
    [422, false],
    [302, true],
    [401, true],
    [403, true],
    [408, true],
    [429, true],
    [500, true],
    [503, true],
  ] as const)
    assert.deepEqual(answered(status, '{}'), { kind: 'failed', cause: 'status', status, broken })
})

test('a call without an answer has a cause', () => {
  for (const [detail, cause, broken] of [
    ['ECONNREFUSED', 'network', true],
    ['ERR_ADDRESS_REFUSED', 'address_refused', true],
    ['ERR_BAD_RESPONSE', 'bad_answer', true],
    ['ERR_CANCELED', 'closed', false],
  ] as const)
    assert.deepEqual(readAnswer({ kind: 'failed', detail }, undefined), { kind: 'failed', cause, broken })
})

test('values are in the rules, or in files that are read on every call', async (t) => {
  const folder = await temporaryFolder(t)
  const headers = {
    accept: 'a/b',
    authorization: { file: './token' },
    'x-key': { file: join(folder, 'token') },
  }
  for (const token of ['first', 'second']) {
    await writeFile(join(folder, 'token'), `${token}\n`)
    assert.deepEqual(await readHeaders(headers, folder), {
      accept: 'a/b',
      authorization: token,
      'x-key': token,
    })
  }
})

test('a missing, empty or multi-line header file is a failure', async (t) => {
  const folder = await temporaryFolder(t)
  await writeFile(join(folder, 'two'), 'secret\nsecret')
  await writeFile(join(folder, 'empty'), ' \n')
  for (const file of ['two', 'empty', 'missing'])
    assert.equal(await readHeaders({ a: 'x', b: { file } }, folder), undefined, file)
})
