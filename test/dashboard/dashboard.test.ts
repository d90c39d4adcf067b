import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { registerDashboard } from '../../src/dashboard/dashboard.ts'
import { readPage } from '../../src/dashboard/page-files.ts'
import { createServer } from '../../src/http/server.ts'
import { captureLog } from '../helpers/log.ts'
import { adminToken, startService } from '../helpers/service.ts'

const page = await readPage()

function openDashboard(t: { after(release: () => unknown): void }) {
  const server = createServer({ logger: captureLog().logger, maxBodyBytes: 1_000, random: () => 0 })
  t.after(() => server.close())
  registerDashboard(server, { adminToken })
  return (url: string, headers: Record<string, string> = {}) => server.inject({ url, headers })
}

test('the page and all its files have at most 150 KB over the wire', async () => {
  assert.ok(page.files.size > 30, String(page.files.size))
  for (const encoding of ['gzip', 'br'] as const) {
    const bodies = await Promise.all([page.html, ...page.files.values()].map(({ body }) => body(encoding)))
    const bytes = bodies.reduce((sum, { length }) => sum + length, 0)
    assert.ok(bytes <= 150_000, `${encoding}: ${bytes} bytes`)
  }
})

test('the policy allows no inline script, no evaluation, no other host and no frame', async (t) => {
  const { headers, body } = await openDashboard(t)('/dashboard')
  const policy = String(headers['content-security-policy']).split('; ')
  assert.ok(policy.includes("default-src 'none'"))
  assert.ok(policy.includes("frame-ancestors 'none'"))
  assert.doesNotMatch(policy.join('; '), /unsafe|https?:|\*|data:/)
  assert.equal(headers['referrer-policy'], 'no-referrer')
  assert.equal(headers['x-content-type-options'], 'nosniff')
  // The only inline script is the import map, whose hash the policy has.
  assert.equal(body.match(/<script(?![^>]*\ssrc=)[^>]*>/g)?.length, 1)
  assert.ok(
    policy.some((directive) => directive.startsWith('script-src') && directive.includes(page.importMapHash)),
  )
  assert.doesNotMatch(body, /<style|\sstyle=|\son\w+=|javascript:/i)
})

test('every URL of the page is relative, so that a proxy can add a prefix to the path', async (t) => {
  const ask = openDashboard(t)
  const { body } = await ask('/dashboard')
  const imports = Object.values(
    JSON.parse(/<script type="importmap">(.*?)<\/script>/.exec(body)?.[1] ?? '').imports,
  )
  const urls = [...body.matchAll(/\s(?:href|src)="([^"]*)"/g)].map(([, url = '']) => url)
  assert.ok(urls.length > 30 && imports.length >= 7)
  for (const url of [...urls, ...imports.map(String)]) {
    assert.doesNotMatch(url, /^\/|^[a-z]+:/, url)
    assert.equal((await ask(new URL(url, 'http://host/dashboard').pathname)).statusCode, 200, url)
  }
})

test('every import of the page names a file of the page or a library in the import map', async () => {
  const libraries = new Set(
    Object.keys(
      JSON.parse(
        /<script type="importmap">(.*?)<\/script>/.exec(String(await page.html.body('identity')))?.[1] ?? '',
      ).imports,
    ),
  )
  for (const [path, { body }] of page.files) {
    if (!path.startsWith('dashboard/page/') || !path.endsWith('.js')) continue
    for (const [, name = ''] of String(await body('identity')).matchAll(
      /^import\s[^'"]*?['"]([^'"]+)['"]/gm,
    )) {
      const target = name.startsWith('.') ? new URL(name, `http://host/${path}`).pathname.slice(1) : undefined
      assert.ok(
        target === undefined ? libraries.has(name) : page.files.has(target),
        `${path} imports ${name}`,
      )
    }
  }
})

test('/dashboard/ redirects to /dashboard, below which relative URLs are right', async (t) => {
  const { statusCode, headers } = await openDashboard(t)('/dashboard/')
  assert.equal(statusCode, 308)
  assert.equal(
    new URL(String(headers.location), 'http://host/prefix/dashboard/').pathname,
    '/prefix/dashboard',
  )
})

test('a file is compressed as the client accepts it', async (t) => {
  const ask = openDashboard(t)
  const plain = await ask('/dashboard/libraries/uplot.js')
  assert.equal(plain.headers['content-encoding'], undefined)
  assert.equal(plain.headers['content-type'], 'text/javascript; charset=utf-8')
  assert.equal(plain.headers.vary, 'Accept-Encoding')
  const gzip = await ask('/dashboard/libraries/uplot.js', { 'accept-encoding': 'gzip, br;q=0' })
  assert.equal(gzip.headers['content-encoding'], 'gzip')
  assert.equal(String(gunzipSync(gzip.rawPayload)), plain.body)
  const brotli = await ask('/dashboard/libraries/uplot.js', { 'accept-encoding': 'gzip, deflate, br, zstd' })
  assert.equal(brotli.headers['content-encoding'], 'br')
  assert.equal(String(brotliDecompressSync(brotli.rawPayload)), plain.body)
})

test('a current copy in the browser is not sent again', async (t) => {
  const ask = openDashboard(t)
  const { headers } = await ask('/dashboard/page/main.js')
  assert.equal(headers['cache-control'], 'no-cache')
  const again = await ask('/dashboard/page/main.js', { 'if-none-match': `"other", W/${headers.etag}` })
  assert.deepEqual([again.statusCode, again.body], [304, ''])
  assert.equal((await ask('/dashboard/page/main.js', { 'if-none-match': '"other"' })).statusCode, 200)
})

test('an unknown file, and one outside the page, answers 404', async (t) => {
  const url = await startService(t)
  for (const path of [
    'missing.js',
    'page/',
    'page/index.html',
    'page/../page-files.ts',
    'page/..%2fpage-files.ts',
  ]) {
    const response = await fetch(`${url}/dashboard/${path}`)
    assert.equal(response.status, 404, path)
    assert.equal(((await response.json()) as { code: string }).code, 'route_not_found')
  }
})

test('without ADMIN_TOKEN, page and files answer 404', async (t) => {
  const url = await startService(t, { environment: { ADMIN_TOKEN: '' } })
  for (const path of ['/dashboard', '/dashboard/', '/dashboard/page/main.js']) {
    const response = await fetch(url + path)
    assert.equal(response.status, 404, path)
    assert.equal(((await response.json()) as { code: string }).code, 'route_not_found')
  }
})
