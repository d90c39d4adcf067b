import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkLookupUrl, createLookupUrl } from '../../src/lookups/lookup-url.ts'

test('the key is encoded in the path or the query', () => {
  const inPath = createLookupUrl('https://crm.example.com/customers/{key}/tier?x=1')
  assert.equal(inPath('tel:+1317 5'), 'https://crm.example.com/customers/tel%3A%2B1317%205/tier?x=1')
  assert.equal(
    inPath('a/b?c#d&e=f%2F'),
    'https://crm.example.com/customers/a%2Fb%3Fc%23d%26e%3Df%252F/tier?x=1',
  )
  const inQuery = createLookupUrl('https://crm.example.com/customers?phone={key}&x=1')
  assert.equal(
    inQuery("O'Brien & sons"),
    'https://crm.example.com/customers?phone=O%27Brien%20%26%20sons&x=1',
  )
  assert.equal(inQuery('..'), 'https://crm.example.com/customers?phone=..&x=1')
})

test('a key that is empty, too long, invalid or would change the path has no URL', () => {
  const urlOf = createLookupUrl('https://crm.example.com/customers/{key}')
  for (const key of ['', '.', '..', '\ud800', 'x'.repeat(501)]) assert.equal(urlOf(key), undefined, key)
  assert.equal(createLookupUrl('https://crm.example.com/.{key}/x')('.'), undefined)
  assert.equal(urlOf('...'), 'https://crm.example.com/customers/...')
})

test('property: the server decodes any key, and the rest of the URL is unchanged', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), (key) => {
      const inPath = createLookupUrl('https://crm.example.com/a/{key}/b?c=d')(key)
      if (inPath !== undefined) {
        const { origin, pathname, search } = new URL(inPath)
        assert.deepEqual([origin, search], ['https://crm.example.com', '?c=d'])
        assert.deepEqual(pathname.split('/').map(decodeURIComponent), ['', 'a', key, 'b'])
      } else assert.ok(['.', '..'].includes(key))
      const inQuery = createLookupUrl('https://crm.example.com/a?c=d&key={key}')(key)
      const { pathname, searchParams } = new URL(inQuery ?? '')
      assert.deepEqual([pathname, ...searchParams], ['/a', ['c', 'd'], ['key', key]])
    }),
  )
})

const privateAddress = 'has a private or local address: set allowPrivate: true to allow it'
const notUrl = 'is not a URL such as https://crm.example.com/customers/{key}'
const refused: Record<string, string> = {
  'https://crm.example.com/customers': 'must contain {key} exactly once',
  'https://crm.example.com/{key}/{key}': 'must contain {key} exactly once',
  'crm.example.com/{key}': notUrl,
  'https:///{key}': 'must not contain {key} in its host: put it into the path or the query',
  'https://crm.example.com:99999/{key}': notUrl,
  'https://{key}.example.com/': 'must not contain {key} in its host: put it into the path or the query',
  'https://crm.example.com:{key}/': notUrl,
  'https://{key}@crm.example.com/': 'must not contain a user or password: send them as a header',
  'https://user:secret@crm.example.com/{key}': 'must not contain a user or password: send them as a header',
  'https://crm.example.com/{key}#top': 'must not contain #',
  'https://crm.example.com/#{key}': 'must not contain #',
  'ftp://crm.example.com/{key}': 'must begin with https://',
  'file:///etc/{key}': 'must begin with https://',
  'http://crm.example.com/{key}': 'must begin with https://: http requires allowPrivate: true',
  'https://localhost/{key}': privateAddress,
  'https://crm.localhost/{key}': privateAddress,
  'https://LOCALHOST./{key}': privateAddress,
  'https://127.0.0.1/{key}': privateAddress,
  'https://2130706433/{key}': privateAddress,
  'https://0x7f.1/{key}': privateAddress,
  'https://0177.0.0.1/{key}': privateAddress,
  'https://127.1/{key}': privateAddress,
  'https://10.1.2.3:8443/{key}': privateAddress,
  'https://169.254.169.254/latest/meta-data/{key}': privateAddress,
  'https://[::1]/{key}': privateAddress,
  'https://[::ffff:127.0.0.1]/{key}': privateAddress,
  'https://[::ffff:a9fe:a9fe]/{key}': privateAddress,
  'https://[fd00:ec2::254]/{key}': privateAddress,
  'https://①②⑦.0.0.1/{key}': privateAddress,
}

for (const [url, message] of Object.entries(refused)) {
  test(`refused: ${url}`, () => assert.equal(checkLookupUrl(url, false), message))
}

test('public hosts are accepted, with allowPrivate also private hosts and http', () => {
  for (const url of [
    'https://crm.example.com/{key}',
    'https://8.8.8.8/?k={key}',
    'https://[2606:4700::1111]/{key}',
  ])
    assert.equal(checkLookupUrl(url, false), undefined, url)
  for (const url of [
    'http://localhost:8080/{key}',
    'https://10.1.2.3/{key}',
    'http://[::1]/{key}',
    'http://crm/{key}',
  ])
    assert.equal(checkLookupUrl(url, true), undefined, url)
})
