import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { contentMode, fromBinary } from '../../src/ingest/cloudevents-http.ts'

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
