import assert from 'node:assert/strict'
import type { IncomingHttpHeaders } from 'node:http'
import { test } from 'node:test'
import fc from 'fast-check'
import { Problem } from '../../src/errors.ts'
import { contentMode, fromBinary, readBody } from '../../src/ingest/body.ts'
import { canonicalItem, cloudEvent } from '../helpers/events.ts'

const json = { 'content-type': 'application/json' }
const readAll = (text: string, headers: IncomingHttpHeaders = json, maxBatch = 3) =>
  readBody(Buffer.from(text), headers, maxBatch)
const read = (...request: Parameters<typeof readAll>) => readAll(...request).items

/** The code and document of the problem that a body causes. */
function refused(text: string, headers?: IncomingHttpHeaders): { code: string; document: string } {
  try {
    read(text, headers)
  } catch (error) {
    assert.ok(error instanceof Problem)
    return { code: error.code, document: JSON.stringify(error.body()) }
  }
  assert.fail('was accepted')
}

const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`

test('one event is one item; an array yields its items', () => {
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
  'application/vnd.example+json',
  'text/json',
  'text/plain; charset=UTF-8',
  '',
  undefined,
]) {
  test(`content type ${JSON.stringify(type)} is read as JSON`, () =>
    assert.deepEqual(read('[1]', { 'content-type': type }), [1]))
}

for (const type of [
  'text/html',
  'application/xml',
  'application/x-www-form-urlencoded',
  'application/jsonx',
]) {
  test(`content type ${type} is refused`, () => {
    assert.equal(refused('not json', { 'content-type': type }).code, 'unsupported_media_type')
  })
}

for (const encoding of ['gzip', 'br', 'deflate, gzip']) {
  test(`a body in ${encoding} is refused`, () => {
    assert.equal(refused('[]', { ...json, 'content-encoding': encoding }).code, 'unsupported_media_type')
  })
}

test('identity and an empty header mean no encoding', () => {
  for (const encoding of ['identity', 'Identity', ''])
    assert.deepEqual(read('[]', { ...json, 'content-encoding': encoding }), [])
})

for (const text of ['', ' ', '\ufeff', '{', '{"a":}', 'undefined', "{'a':1}", '[1,]', '{}{}', 'NaN']) {
  test(`${JSON.stringify(text)} is not JSON`, () => assert.equal(refused(text).code, 'invalid_json'))
}

test('an empty body is reported as empty', () => {
  for (const type of ['application/json', 'application/x-ndjson', undefined])
    for (const text of ['', ' \r\n', '\ufeff'])
      assert.match(refused(text, { 'content-type': type }).document, /"detail":"The body is empty\./)
})

test('an invalid body is not quoted in the answer', () => {
  assert.ok(!refused('{"secret": hush}').document.includes('hush'))
})

test('a batch at the limit is accepted; one more event is refused with both numbers', () => {
  assert.equal(read('[1,2,3]').length, 3)
  const { code, document } = refused('[1,2,3,4]')
  assert.equal(code, 'batch_too_large')
  assert.match(document, /4 events, at most 3/)
})

test('events may be nested 64 levels deep, alone and in a batch; deeper ones are refused', () => {
  assert.equal(read(`[${nested(64)}]`).length, 1)
  assert.equal(read(`{"a":${nested(63)}}`).length, 1)
  assert.match(refused(`[${nested(65)}]`).document, /deeper than 64 levels/)
})

test('half a million open brackets do not exhaust the stack', () => {
  assert.equal(refused(nested(500_000)).code, 'invalid_json')
})

const lines = { 'content-type': 'application/x-ndjson' }

/** The result per item: the ids of its events, or the path and message of its problem. */
function outcomesOf(text: string, headers: IncomingHttpHeaders): readonly string[] {
  const { items, read } = readAll(text, headers)
  return items.map((item) => {
    const result = read(item)
    if (result.kind === 'events') return result.drafts.map(({ id }) => `id ${id}`).join()
    if (result.kind === 'ignored') return 'ignored'
    return result.problems.map(({ path, message }) => `${path} ${message}`.trim()).join('; ')
  })
}
const outcomes = (value: unknown, headers: IncomingHttpHeaders) => outcomesOf(JSON.stringify(value), headers)

const [first, second] = ['first', 'second'].map((id) => JSON.stringify(canonicalItem({ id })))

test('NDJSON accepts any line endings, blank lines and a byte order mark', () => {
  const text = `\ufeff${first}\r\n\r\n  \n${second}\n`
  assert.deepEqual(outcomesOf(text, lines), ['id first', 'id second'])
})

test('an invalid line is rejected alone; its index does not count blank lines', () => {
  assert.deepEqual(outcomesOf(`${first}\n\n{"hush\n${second}`, lines), [
    'id first',
    'must be JSON',
    'id second',
  ])
  assert.deepEqual(outcomesOf(`${nested(66)}\n${second}`, lines), [
    'must not be nested deeper than 64 levels',
    'id second',
  ])
})

test('NDJSON without a valid line is refused as a whole', () => {
  assert.equal(refused('one\ntwo', lines).code, 'invalid_json')
})

test('lines count against MAX_BATCH, blank ones do not', () => {
  assert.equal(read('1\n\n2\n3\n', lines).length, 3)
  for (const headers of [lines, json]) {
    const { code, document } = refused('{}\n{}\n{}\n{}\n{}', headers)
    assert.equal(code, 'batch_too_large')
    assert.match(document, /5 events, at most 3/)
  }
})

test('one JSON document declared as NDJSON is read as JSON', () => {
  assert.deepEqual(read('{\n "a": 1\n}', lines), [{ a: 1 }])
  assert.deepEqual(read('[{"a":1},\n{"b":2}]', lines), [{ a: 1 }, { b: 2 }])
})

test('one object per line is NDJSON, even declared as JSON or text', () => {
  for (const type of ['application/json', 'text/plain', undefined])
    assert.deepEqual(outcomesOf(`${first}\n${second}\n`, { 'content-type': type }), ['id first', 'id second'])
})

test('broken JSON is not mistaken for undeclared NDJSON', () => {
  for (const text of ['{"a":1}\n{"b":', '[\n{"a":1},\n{"b":2}\n', '{"a":1},\n{"b":2}', '1\n2', '{}\n[]'])
    assert.equal(refused(text).code, 'invalid_json')
})

test('a body and an item that were JSON-encoded twice are decoded', () => {
  assert.deepEqual(outcomes(first, json), ['id first'])
  assert.deepEqual(outcomes([first, canonicalItem({ id: 'plain' }), second], json), [
    'id first',
    'id plain',
    'id second',
  ])
  assert.deepEqual(outcomes(`[${first},${second}]`, json), ['id first', 'id second'])
  assert.deepEqual(outcomesOf(`${JSON.stringify(first)}\n${second}`, lines), ['id first', 'id second'])
  assert.deepEqual(outcomes(JSON.stringify(event), structured), ['id ce-1'])
  assert.deepEqual(outcomes(first, { ...json, ...binary }), ['id first'])
})

test('an item JSON-encoded three times is not decoded', () => {
  assert.deepEqual(outcomes([JSON.stringify(first), first], json), [
    'must be an object, but is text',
    'id first',
  ])
})

test('the nesting limit applies to events encoded twice', () => {
  assert.equal(read(JSON.stringify(nested(65))).length, 1)
  assert.match(refused(JSON.stringify(nested(66))).document, /deeper than 64 levels/)
  assert.deepEqual(outcomes([nested(66), first], json), [
    'must not be nested deeper than 64 levels',
    'id first',
  ])
})

/** Two or more JSON objects, so that their lines are detected as NDJSON. */
const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { minLength: 2, maxLength: 3 })

test('property: a byte order mark, NDJSON and double encoding yield the same items', () => {
  fc.assert(
    fc.property(objects, fc.constantFrom('\n', '\r\n', '\n\n'), (values, lineEnd) => {
      const plain = read(JSON.stringify(values))
      const each = values.map((value) => JSON.stringify(value))
      assert.deepEqual(read(`\ufeff${JSON.stringify(values)}`), plain)
      assert.deepEqual(read(JSON.stringify(JSON.stringify(values))), plain)
      assert.deepEqual(read(JSON.stringify(each)), plain)
      assert.deepEqual(read(each.join(lineEnd), lines), plain)
      assert.deepEqual(read(`\ufeff${each.join(lineEnd)}${lineEnd}`), plain)
    }),
  )
})

const structured = { 'content-type': 'application/cloudevents+json; charset=utf-8' }
const batched = { 'content-type': 'Application/CloudEvents-Batch+JSON' }
const binary = { 'ce-specversion': '1.0', 'ce-id': 'ce-1', 'ce-source': '/s', 'ce-type': 't' }
const event = cloudEvent(canonicalItem())
const another = cloudEvent(canonicalItem(), { id: 'ce-2' })

test('structured: one CloudEvent or an array, under either content type', () => {
  for (const headers of [structured, batched]) {
    assert.deepEqual(outcomes(event, headers), ['id ce-1'])
    assert.deepEqual(outcomes([event, another], headers), ['id ce-1', 'id ce-2'])
    assert.deepEqual(outcomes([], headers), [])
  }
})

test('a CloudEvent in application/json is detected by its fields, also in a batch', () => {
  assert.deepEqual(outcomes([event, canonicalItem({ id: 'plain' })], json), ['id ce-1', 'id plain'])
})

test('an event declared as a CloudEvent but without one around it is accepted', () => {
  assert.deepEqual(outcomes([canonicalItem({ id: 'plain' }), event], structured), ['id plain', 'id ce-1'])
  assert.deepEqual(outcomes([5, event], batched), ['must be an object, but is a number', 'id ce-1'])
})

test('binary: attributes come from headers, data from the body', () => {
  for (const type of [
    'application/json',
    'application/vnd.example+json; charset=utf-8',
    'text/plain',
    '',
    undefined,
  ])
    assert.deepEqual(outcomes(canonicalItem(), { 'content-type': type, ...binary }), ['id ce-1'])
})

test('binary: the body may repeat the CloudEvent', () => {
  assert.deepEqual(outcomes(another, { ...json, ...binary }), ['id ce-2'])
})

test('binary: an array is invalid data, not a batch', () => {
  const [problem, ...more] = outcomes([canonicalItem(), canonicalItem()], { ...json, ...binary })
  assert.equal(problem, 'data must be one event: send several events as an array of CloudEvents')
  assert.deepEqual(more, [])
  assert.deepEqual(outcomes([canonicalItem()], { ...json, ...binary }), ['id ce-1'])
})

test('binary: headers that are not UTF-8 count as absent', () => {
  const headers = { ...json, ...binary, 'ce-id': '%C0%A0', 'ce-subject': '%ff' }
  assert.deepEqual(outcomes(canonicalItem(), headers), ['id undefined'])
})

for (const headers of [
  { 'content-type': 'application/cloudevents+avro' },
  { 'content-type': 'application/cloudevents' },
  { 'content-type': 'application/cloudevents+xml', ...binary },
  { 'content-type': 'application/xml', ...binary },
]) {
  test(`${JSON.stringify(headers)} is refused`, () => {
    assert.equal(refused(JSON.stringify(event), headers).code, 'unsupported_media_type')
  })
}

test('MAX_BATCH applies to CloudEvents', () => {
  assert.throws(() => readAll(JSON.stringify([1, 2, 3, 4]), batched), { code: 'batch_too_large' })
})

const typed = (type: string) => ({ 'content-type': type })

test('the content type decides the mode, otherwise the CloudEvents headers', () => {
  assert.equal(contentMode(typed('application/json')), 'plain')
  assert.equal(contentMode(typed('application/cloudevents+json; charset=UTF-8')), 'structured')
  assert.equal(contentMode(typed('Application/CloudEvents-Batch+JSON')), 'structured')
  assert.equal(contentMode({ ...typed('application/json'), 'ce-id': '1' }), 'binary')
  assert.equal(contentMode({ ...typed('text/json'), 'ce-specversion': '1.0' }), 'binary')
  assert.equal(
    contentMode({ ...typed('application/cloudevents+json'), 'ce-id': '1' }),
    'structured',
    'a structured event may repeat its attributes as headers',
  )
})

test('JSON is accepted under every JSON type and as plain text', () => {
  for (const type of [
    '',
    ' ; charset=utf-8',
    'text/plain;charset=UTF-8',
    'text/json',
    'Application/JSON ; charset="utf-8"',
    'application/x-json',
    'application/vnd.example+json',
  ]) {
    assert.equal(contentMode(typed(type)), 'plain', type)
    assert.equal(contentMode({ ...typed(type), 'ce-id': '1' }), 'binary', type)
  }
  assert.equal(contentMode({}), 'plain')
  assert.equal(contentMode({ 'ce-source': '/s' }), 'binary')
})

test('NDJSON has several content types', () => {
  for (const type of [
    'application/x-ndjson',
    'application/ndjson; charset=utf-8',
    'application/jsonl',
    'application/x-jsonlines',
    'application/json-lines',
    'text/x-ndjson',
  ])
    assert.equal(contentMode(typed(type)), 'lines', type)
})

test('a content type that is neither JSON nor plain text is refused', () => {
  for (const type of [
    'application/cloudevents+avro',
    'application/cloudevents',
    'application/xml',
    'application/soap+xml',
    'text/html',
    'text/xml',
    'text/csv',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=json',
    'application/octet-stream',
    'application/jsonx',
    'application/json-seq',
    'json',
  ]) {
    assert.equal(contentMode(typed(type)), undefined, type)
    assert.equal(contentMode({ ...typed(type), 'ce-id': '1' }), undefined, type)
  }
})

test('headers with similar names do not select binary mode', () => {
  assert.equal(contentMode({ ...typed('application/json'), 'ce-extension': 'x', 'ce-time': 'y' }), 'plain')
})

/** The attribute value that the service reads from the header. */
const sourceOf = (value: string): unknown => fromBinary({ 'ce-source': value }, {}).source

for (const [what, header, text] of [
  ['plain text', '/a/b?c=d', '/a/b?c=d'],
  ['the example of the specification', 'Euro%20%E2%82%AC%20%F0%9F%98%80', 'Euro \u20ac \u{1f600}'],
  ['lower-case digits', '%e2%82%ac', '\u20ac'],
  ['encoded ASCII letters', '%61b', 'ab'],
  ['one round only', '%2541', '%41'],
  ['a percent sign that encodes nothing', '100%', '100%'],
  ['a quoted string of older senders', '"say \\"hello\\" \\\\ %21"', 'say "hello" \\ !'],
  ['a quote that is part of the text', '5"', '5"'],
  ['a byte order mark', '%EF%BB%BFa', '\ufeffa'],
  ['bytes of UTF-8 as Node.js hands them out', Buffer.from('Z\u00fcrich').toString('latin1'), 'Z\u00fcrich'],
] as const) {
  test(`a header is decoded: ${what}`, () => assert.equal(sourceOf(header), text))
}

for (const header of ['%C0%A0', '%FF', '%E2%82', 'Z\u00fcrich']) {
  test(`${header} is not UTF-8 and counts as absent`, () => {
    assert.deepEqual(fromBinary({ 'ce-source': header, 'ce-id': '1' }, {}), {
      id: '1',
      datacontenttype: undefined,
      data: {},
    })
  })
}

test('attributes come from `ce-` headers; content type and data do not', () => {
  const headers = {
    'content-type': 'application/json',
    'content-length': '2',
    'ce-id': '1',
    'ce-myextension': '5',
    'ce-datacontenttype': 'text/xml',
    'ce-data': 'x',
    'ce-data_base64': 'x',
    'ce-': 'x',
    'ce-__proto__': 'x',
    authorization: 'x',
  }
  assert.deepEqual(fromBinary(headers, { a: 1 }), {
    id: '1',
    myextension: '5',
    datacontenttype: 'application/json',
    data: { a: 1 },
  })
})

test('property: any text survives the encoding of the specification', () => {
  const encode = (text: string) =>
    [...text].map((char) => (/[!#$&-~]/.test(char) ? char : encodeURIComponent(char))).join('')
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(sourceOf(encode(text)), text)
    }),
  )
})

test('property: never throws, whatever the headers', () => {
  const value = fc.oneof(
    fc.string(),
    fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1')),
  )
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.string().map((name) => `ce-${name}`),
        value,
      ),
      (headers) => {
        assert.deepEqual(fromBinary(headers, {}).data, {})
      },
    ),
  )
})
