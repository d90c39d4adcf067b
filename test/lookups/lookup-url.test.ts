import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkLookupUrl, createLookupUrl } from '../../src/lookups/lookup-url.ts'

test('a key goes into the path or the query, encoded', () => {
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

test('a key that would change the path, or is none, cannot be asked for', () => {
  const urlOf = createLookupUrl('https://crm.example.com/customers/{key}')
  for (const key of ['', '.', '..', '\ud800', 'x'.repeat(501)]) assert.equal(urlOf(key), undefined, key)
  assert.equal(createLookupUrl('https://crm.example.com/.{key}/x')('.'), undefined)
  assert.equal(urlOf('...'), 'https://crm.example.com/customers/...')
})

test('whatever the key, the server gets it back and nothing else of the URL changes', () => {
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

const privately = 'leads to a private or local address: say allowPrivate: true if that is meant'
const noUrl = 'is no URL such as https://crm.example.com/customers/{key}'
const refused: Record<string, string> = {
  'https://crm.example.com/customers': 'must hold {key} once: that is where the key goes',
  'https://crm.example.com/{key}/{key}': 'must hold {key} once: that is where the key goes',
  'crm.example.com/{key}': noUrl,
  'https:///{key}': 'must not hold {key} in its host: put it into the path or the query',
  'https://crm.example.com:99999/{key}': noUrl,
  'https://{key}.example.com/': 'must not hold {key} in its host: put it into the path or the query',
  'https://crm.example.com:{key}/': noUrl,
  'https://{key}@crm.example.com/': 'must not hold a user or password: send them as a header',
  'https://user:secret@crm.example.com/{key}': 'must not hold a user or password: send them as a header',
  'https://crm.example.com/{key}#top': 'must not hold #',
  'https://crm.example.com/#{key}': 'must not hold #',
  'ftp://crm.example.com/{key}': 'must begin with https://',
  'file:///etc/{key}': 'must begin with https://',
  'http://crm.example.com/{key}':
    'must begin with https://: http is for addresses of your own network, with allowPrivate: true',
  'https://localhost/{key}': privately,
  'https://crm.localhost/{key}': privately,
  'https://LOCALHOST./{key}': privately,
  'https://127.0.0.1/{key}': privately,
  'https://2130706433/{key}': privately,
  'https://0x7f.1/{key}': privately,
  'https://0177.0.0.1/{key}': privately,
  'https://127.1/{key}': privately,
  'https://10.1.2.3:8443/{key}': privately,
  'https://169.254.169.254/latest/meta-data/{key}': privately,
  'https://[::1]/{key}': privately,
  'https://[::ffff:127.0.0.1]/{key}': privately,
  'https://[::ffff:a9fe:a9fe]/{key}': privately,
  'https://[fd00:ec2::254]/{key}': privately,
  'https://①②⑦.0.0.1/{key}': privately,
}

for (const [url, message] of Object.entries(refused)) {
  test(`refused: ${url}`, () => assert.equal(checkLookupUrl(url, false), message))
}

test('public hosts are taken, and with allowPrivate also private ones and http', () => {
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
