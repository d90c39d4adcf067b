import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHttp } from '../../src/http/client.ts'
import { createNoProxy } from '../../src/http/no-proxy.ts'
import { openProxy } from '../../src/http/open-proxy.ts'
import { certificates, skipWithoutOpenssl, trust } from '../helpers/certificates.ts'
import { type ConnectProxy, startConnectProxy } from '../helpers/connect-proxy.ts'
import { readPage } from './markdown.ts'

const page = await readPage('docs/operations/proxy.md')
/** The first cells of the rows of a table below this heading. */
const rowsOf = (heading: string): readonly string[] => {
  const section = page.split(/^(?=## )/m).find((part) => part.startsWith(heading)) ?? ''
  return [...section.matchAll(/^\| (`.+?) \|/gm)].map(([, cell = '']) => cell)
}
const codesIn = (cell: string): readonly string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text)

test('docs/operations/proxy.md has the real causes', { skip: skipWithoutOpenssl }, async (t) => {
  const proxy = await startConnectProxy(t, { credentials: 'ada:right' })
  const causes: string[] = []
  const note = (detail: string, { name }: ConnectProxy) => {
    const [finding = ''] = detail.split(': ')
    causes.push(finding.replace(name, 'proxy.example.com:3128').replace(' 50 ms', ' 10000 ms'))
  }
  const call = async (userInfo: string, { timeoutMs = 10_000, via = proxy } = {}) => {
    const settings = { url: via.url.replace('//', `//${userInfo}`), noProxy: [] }
    const { http, close } = createHttp({ timeoutMs, maxSockets: 1, proxy: await openProxy(settings) })
    const result = await http({ method: 'GET', url: 'https://api.mypurecloud.ie/', headers: {} })
    close()
    assert.ok(result.kind === 'failed')
    note(result.detail, via)
  }
  await call('')
  await call('ada:wrong@')
  proxy.answerWith(403)
  await call('ada:right@')
  proxy.answerWith(502)
  await call('ada:right@')
  proxy.answerWith(0)
  await call('ada:right@', { timeoutMs: 50 })
  const slow = await openProxy({ url: proxy.url.replace('//', '//ada:right@'), noProxy: [] })
  await slow?.openTunnel({ host: 'api.mypurecloud.ie', port: 443 }, 50).catch(({ message }: Error) => {
    note(message, proxy)
  })
  const certificate = await (await certificates(t))('proxy', 'DNS:proxy.example.com')
  trust(t, certificate.cert)
  await call('', { via: await startConnectProxy(t, { certificate }) })
  await proxy.goAway()
  await call('ada:right@')
  assert.deepEqual(rowsOf('## If the proxy fails').flatMap(codesIn).sort(), causes.sort())
})

/** A URL that each documented entry exempts. */
const exempt: Readonly<Record<string, string>> = {
  'example.com': 'https://api.example.com/',
  '.example.com': 'https://example.com/',
  '*.example.com': 'https://api.example.com/',
  'example.com:8443': 'https://example.com:8443/',
  '10.0.0.7': 'http://10.0.0.7:81/',
  '[2001:db8::7]': 'http://[2001:db8::7]/',
  '10.0.0.7:8080': 'http://10.0.0.7:8080/',
  '10.0.0.0/8': 'http://10.1.2.3/',
  '2001:db8::/32': 'http://[2001:db8::7]/',
  '*': 'https://api.mypurecloud.ie/',
}

test('docs/operations/proxy.md lists entries of NO_PROXY that work', () => {
  const entries = rowsOf('## `NO_PROXY`').flatMap(codesIn)
  assert.deepEqual(entries, Object.keys(exempt))
  for (const entry of entries) assert.ok(createNoProxy([entry])(new URL(exempt[entry] ?? '')), entry)
})
