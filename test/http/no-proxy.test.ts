import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createNoProxy } from '../../src/http/no-proxy.ts'

for (const [entry, exempt, proxied] of [
  ['*', ['https://a.example/', 'http://10.0.0.1/', 'http://[::1]/'], []],
  [
    'example.com',
    ['https://example.com/', 'https://EXAMPLE.com/', 'https://api.example.com/', 'https://example.com./'],
    ['https://badexample.com/', 'https://example.com.evil.test/', 'https://example.org/'],
  ],
  ['.example.com', ['https://example.com/', 'wss://a.b.example.com/'], ['https://badexample.com/']],
  ['*.Example.COM', ['https://api.example.com/'], ['https://badexample.com/']],
  ['example.com.', ['https://example.com/'], []],
  [
    'example.com:8443',
    ['https://example.com:8443/', 'https://a.example.com:8443/'],
    ['https://example.com/', 'https://example.com:84/'],
  ],
  ['example.com:443', ['https://example.com/', 'wss://example.com/'], ['http://example.com/']],
  ['example.com:80', ['http://example.com/', 'ws://example.com/'], ['https://example.com/']],
  ['localhost', ['http://localhost:9090/'], ['http://127.0.0.1/']],
  ['10.0.0.1', ['http://10.0.0.1/', 'http://10.0.0.1:8080/'], ['http://10.0.0.10/', 'http://210.0.0.1/']],
  ['10.0.0.1:8080', ['http://10.0.0.1:8080/'], ['http://10.0.0.1/']],
  ['10.0.0.0/8', ['http://10.255.0.1/'], ['http://11.0.0.1/', 'http://ten.example/']],
  ['::1', ['http://[::1]:9090/'], ['http://[::2]/']],
  ['[::1]', ['http://[::1]/'], []],
  ['[::1]:9090', ['http://[::1]:9090/'], ['http://[::1]/']],
  ['2001:db8::/32', ['http://[2001:db8::7]/'], ['http://[2001:db9::7]/']],
  ['.', [], ['https://example.com/']],
  ['0.0.0.0/0', [], ['http://10.0.0.1/']],
] as const) {
  test(`NO_PROXY=${entry}`, () => {
    const isExempt = createNoProxy([entry])
    for (const url of exempt) assert.equal(isExempt(new URL(url)), true, url)
    for (const url of proxied) assert.equal(isExempt(new URL(url)), false, url)
  })
}

test('one of several entries is enough; none exempts nothing', () => {
  assert.equal(createNoProxy(['a.example', 'b.example'])(new URL('https://b.example/')), true)
  assert.equal(createNoProxy([])(new URL('https://b.example/')), false)
})
