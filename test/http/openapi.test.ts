import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { type TestContext, test } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { webhookPath } from '../../src/ingest/ingest.ts'
import { type OpenApiDocument, openApiDocument } from '../helpers/description.ts'
import { relayToken, startService } from '../helpers/service.ts'

const description = await openApiDocument()
const described = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
)

/** The routes that Fastify has registered in a real service. */
async function routesOf(t: TestContext): Promise<{ url: string; routes: string[] }> {
  const routes: string[] = []
  const listen = (message: unknown): void => {
    const { fastify } = message as { fastify: FastifyInstance }
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) routes.push(`${one} ${url.replaceAll(/:(\w+)/g, '{$1}')}`)
    })
  }
  subscribe('fastify.initialization', listen)
  try {
    return { url: await startService(t), routes }
  } finally {
    unsubscribe('fastify.initialization', listen)
  }
}

test('the document describes exactly the routes of the service', async (t) => {
  const { url, routes } = await routesOf(t)
  assert.ok(routes.includes(`POST ${webhookPath}`))
  for (const route of described) assert.ok(routes.includes(route), `${route} is described, but no route`)
  for (const route of routes.filter((name) => !described.includes(name))) {
    const [method = '', path = ''] = route.split(' ')
    if (method === 'HEAD' && described.includes(`GET ${path}`)) continue
    if (path === '/docs/*' || path === '/dashboard/*') continue // the files of the pages
    // The remaining routes only answer 405, with Allow.
    const { status, headers } = await fetch(url + path, { method })
    assert.equal(status, 405, `${route} is a route, but not described`)
    for (const allowed of headers.get('allow')?.split(', ') ?? [''])
      assert.ok(described.includes(`${allowed} ${path}`), `${route} allows ${allowed}`)
  }
})

test('GET and HEAD /openapi.json need no authentication', async (t) => {
  const url = await startService(t)
  const response = await fetch(`${url}/openapi.json`)
  assert.equal(response.status, 200)
  assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8')
  assert.deepEqual(await response.json(), description)
  const head = await fetch(`${url}/openapi.json`, { method: 'HEAD' })
  assert.deepEqual([head.status, await head.text()], [200, ''])
})

test('every example of the document is accepted by the webhook', async (t) => {
  const url = await startService(t)
  const { content } = description.paths[webhookPath]?.post?.requestBody ?? {}
  const examples = Object.entries(content ?? {}).flatMap(([type, { examples = {} }]) =>
    Object.entries(examples).map(([name, { value }]) => ({ type, name, value })),
  )
  assert.ok(examples.length >= 9)
  for (const { type, name, value } of examples) {
    const response = await fetch(url + webhookPath, {
      method: 'POST',
      headers: { 'content-type': type, authorization: `Bearer ${relayToken}` },
      body: typeof value === 'string' ? value : JSON.stringify(value),
    })
    assert.equal(response.status, 202, `${type} ${name}`)
    const { ignored, rejected } = (await response.json()) as { ignored: number; rejected: unknown[] }
    assert.deepEqual([rejected, ignored], [[], name === 'heartbeat' ? 1 : 0], name)
  }
})

/** The URLs that a page loads. */
const filesOf = (page: string): string[] =>
  [...page.matchAll(/\s(?:href|src|action)="([^"]*)"/g)].map(([, file = '']) => file)

test('the page loads only files of the service, and its policy forbids others', async (t) => {
  const url = await startService(t)
  for (const path of ['/docs', '/docs/']) {
    const response = await fetch(url + path)
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-type'), 'text/html; charset=utf-8')
    const policy = response.headers.get('content-security-policy')?.split('; ') ?? []
    assert.ok(policy.includes("default-src 'none'"))
    // The style sheet of Swagger UI contains its icons.
    const others = policy.filter((directive) => directive !== "img-src 'self' data:")
    assert.doesNotMatch(others.join('; '), /unsafe|https?:|\*|data:/)
    const page = await response.text()
    assert.doesNotMatch(page, /<script>|<style|\son\w+=|\sstyle=|javascript:/i)
    const files = filesOf(page)
    assert.ok(files.length >= 5)
    for (const file of files) {
      const target = new URL(file, url + path)
      assert.equal(target.origin, url)
      const answer = await fetch(target)
      assert.equal(answer.status, 200, file)
      assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
      await answer.body?.cancel()
    }
  }
  assert.equal((await fetch(`${url}/docs`, { method: 'HEAD' })).status, 200)
})

test('the page shows the document', async (t) => {
  const url = await startService(t)
  const initializer = await (await fetch(`${url}/docs/static/swagger-initializer.js`)).text()
  assert.match(initializer, /url: resolveUrl\('\.\/json'\)/)
  assert.deepEqual(await (await fetch(`${url}/docs/json`)).json(), description)
})

test('an unknown file of the page is a problem document', async (t) => {
  const url = await startService(t)
  for (const path of ['/docs/missing', '/docs/static/missing.js', '/docs/static/..%2f..%2fpackage.json']) {
    const response = await fetch(url + path)
    assert.equal(response.status, 404, path)
    assert.equal(((await response.json()) as { code: string }).code, 'route_not_found')
  }
})

test('neither contains a setting of the installation', async (t) => {
  const environment = {
    GENESYS_CLIENT_ID: 'hush-client',
    GENESYS_CLIENT_SECRET: 'hush-secret',
    GENESYS_API_URL: 'http://hush-api.invalid',
    GENESYS_LOGIN_URL: 'http://hush-login.invalid',
    WEBHOOK_TOKENS: 'hush-token',
    WEBHOOK_SECRETS: 'hush-signing-secret',
    ADMIN_TOKEN: 'hush-admin',
    MAX_BATCH: '4321',
    MAX_BODY_BYTES: '7654321',
    INBOX_MAX_PENDING: '87654321',
  }
  const rules = 'version: 1\nrules:\n  - { name: hush-rule, on: ["*"], set: { hush: hush-value } }\n'
  const url = await startService(t, { rules, environment })
  for (const path of ['/openapi.json', '/docs']) {
    const text = await (await fetch(url + path)).text()
    assert.doesNotMatch(text, /hush|4321|127\.0\.0\.1|inbox\.db/, path)
  }
})

test('without ADMIN_TOKEN, the document still describes the admin routes and says that they are absent', async (t) => {
  const url = await startService(t, { environment: { ADMIN_TOKEN: '' } })
  const { paths, tags } = (await (await fetch(`${url}/openapi.json`)).json()) as OpenApiDocument
  assert.ok('/admin/status' in paths)
  assert.match(tags.find(({ name }) => name === 'Admin')?.description ?? '', /ADMIN_TOKEN.*404/)
})
