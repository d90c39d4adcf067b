import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import type { FastifyInstance } from 'fastify'
import { webhookPath } from '../../src/ingest/ingest.ts'
import { openApiDocument } from '../../src/operate/openapi/document.ts'
import type { OpenApiDocument } from '../../src/operate/openapi/operation.ts'
import { adminToken, relayToken, startService } from '../helpers/service.ts'

const description = openApiDocument()
const described = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
)

/** The routes of a real service, as Fastify has them. */
async function routesOf(t: TestContext): Promise<{ url: string; routes: string[] }> {
  const routes: string[] = []
  const listen = (message: unknown): void => {
    const { fastify } = message as { fastify: FastifyInstance }
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) routes.push(`${one} ${url}`)
    })
  }
  subscribe('fastify.initialization', listen)
  try {
    return { url: await startService(t), routes }
  } finally {
    unsubscribe('fastify.initialization', listen)
  }
}

test('every route of a service is described, and nothing else', async (t) => {
  const { url, routes } = await routesOf(t)
  assert.ok(routes.includes(`POST ${webhookPath}`))
  for (const route of described) assert.ok(routes.includes(route), `${route} is described, but no route`)
  for (const route of routes.filter((name) => !described.includes(name))) {
    const [method = '', path = ''] = route.split(' ')
    if (method === 'HEAD' && described.includes(`GET ${path}`)) continue
    // All that is left is refused, by the methods that are described.
    const { status, headers } = await fetch(url + path, { method })
    assert.equal(status, 405, `${route} is a route, but not described`)
    for (const allowed of headers.get('allow')?.split(', ') ?? [''])
      assert.ok(described.includes(`${allowed} ${path}`), `${route} allows ${allowed}`)
  }
})

test('GET and HEAD /openapi.json give the document to anybody', async (t) => {
  const url = await startService(t)
  const response = await fetch(`${url}/openapi.json`)
  assert.equal(response.status, 200)
  assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8')
  assert.deepEqual(await response.json(), JSON.parse(JSON.stringify(description)))
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

test('the page needs nothing but itself, and may have nothing else', async (t) => {
  const url = await startService(t)
  const response = await fetch(`${url}/docs`)
  assert.equal(response.status, 200)
  assert.equal(response.headers.get('content-type'), 'text/html; charset=utf-8')
  const page = await response.text()
  const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(page) ?? []
  const policy = response.headers.get('content-security-policy') ?? ''
  const hash = createHash('sha256').update(style).digest('base64')
  const directives = policy.split('; ')
  assert.ok(directives.includes("default-src 'none'") && directives.includes(`style-src 'sha256-${hash}'`))
  assert.doesNotMatch(policy, /unsafe|https?:|\*|data:/)
  assert.doesNotMatch(
    page,
    /<(script|link|img|iframe|object|embed|base|form)\b|\son\w+=|\sstyle=|javascript:/i,
  )
  assert.doesNotMatch(style, /url\(|@import/)
})

test('every link of the page leads somewhere on the service itself', async (t) => {
  const url = await startService(t)
  const page = await (await fetch(`${url}/docs`)).text()
  const anchors = [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id)
  assert.equal(new Set(anchors).size, anchors.length)
  const targets = [...page.matchAll(/\s(?:href|src|action)="([^"]*)"/g)].map(([, target = '']) => target)
  assert.ok(targets.length > 50)
  for (const target of new Set(targets)) {
    if (target.startsWith('#')) assert.ok(anchors.includes(target.slice(1)), target)
    else {
      assert.equal(new URL(target, `${url}/docs`).origin, url)
      assert.equal((await fetch(new URL(target, `${url}/docs`))).status, 200, target)
    }
  }
})

test('the page tells of every operation and every schema', async (t) => {
  const page = await (await fetch(`${await startService(t)}/docs`)).text()
  const operations = Object.values(description.paths).flatMap((methods) => Object.values(methods))
  for (const { operationId } of operations) assert.ok(page.includes(`<section id="${operationId}">`))
  for (const name of Object.keys(description.components.schemas))
    assert.ok(page.includes(`<section id="schema-${name}">`), name)
})

const missing = ['sh', 'curl'].filter((program) => spawnSync(program, ['--help']).error !== undefined)
const skip = missing.length > 0 && !process.env.CI ? `not on this machine: ${missing.join(', ')}` : false

test('the commands of the page work as they stand', { skip }, async (t) => {
  const url = await startService(t)
  const page = await (await fetch(`${url}/docs`)).text()
  const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' }
  const commands = [...page.matchAll(/<pre><code>(curl [\s\S]*?)<\/code>/g)].map(([, text = '']) =>
    text.replaceAll(/&([a-z0-9#]+);/g, (_, name: string) => entities[name] ?? ''),
  )
  assert.ok(commands.length >= 18)
  const env = { PATH: process.env.PATH, SERVICE: url, WEBHOOK_TOKEN: relayToken, ADMIN_TOKEN: adminToken }
  for (const command of commands) {
    const { stderr } = await promisify(execFile)('sh', ['-c', `${command} --fail -o /dev/null`], { env })
    assert.equal(stderr, '', command)
  }
})

test('neither holds a setting of the installation', async (t) => {
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

test('without ADMIN_TOKEN the admin routes are described all the same, and said to be absent', async (t) => {
  const url = await startService(t, { environment: { ADMIN_TOKEN: '' } })
  const { paths, tags } = (await (await fetch(`${url}/openapi.json`)).json()) as OpenApiDocument
  assert.ok('/admin/status' in paths)
  assert.match(tags.find(({ name }) => name === 'Admin')?.description ?? '', /ADMIN_TOKEN.*404/)
})
