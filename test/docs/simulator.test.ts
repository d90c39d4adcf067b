import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { simulateCommand } from '../../src/cli/simulate.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { fencesOf, readPage } from './markdown.ts'

const page = await readPage('docs/simulator.md')
const routes = [...page.matchAll(/^\| `(GET|POST|PUT|PATCH|DELETE) (\/[^`]*)` \|/gm)].map(
  ([, method = '', path = '']) => ({ method, path }),
)

test('docs/simulator.md lists the options of the command, with their defaults', () => {
  const documented = [...page.matchAll(/^\| `(--[^`]+)` \| (?:`([^`]+)`)?/gm)].map(([, flags, value]) => [
    flags,
    value,
  ])
  const real = simulateCommand().options.map(({ flags, defaultValue }) => [
    flags,
    defaultValue === undefined ? undefined : String(defaultValue),
  ])
  assert.deepEqual(documented, real)
})

test('the simulator has each route of docs/simulator.md', async (t) => {
  const simulator = await startSimulator()
  t.after(() => simulator.close())
  assert.ok(routes.length >= 26)
  const login = await fetch(`${simulator.url}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('demo:demo')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  })
  const { access_token: token } = (await login.json()) as { access_token: string }
  simulator.createConversation({ id: 'c1', participants: [{ id: 'p1', purpose: 'customer' }] })
  for (const { method, path } of routes) {
    const headers = { authorization: `Bearer ${token}` }
    const made = await fetch(`${simulator.url}/api/v2/notifications/channels`, { method: 'POST', headers })
    const { id: channelId } = (await made.json()) as { id: string }
    const ids = { id: 'c1', participantId: 'p1', channelId }
    const url = simulator.url + path.replaceAll(/\{(\w+)\}/g, (_, name) => ids[name as keyof typeof ids])
    const answer = await fetch(url, { method, headers })
    assert.ok(answer.status !== 404 && answer.status !== 405, `${method} ${path}: ${await answer.text()}`)
  }
})

test('docs/simulator.md lists each route of the simulator', async () => {
  const documented = new Set(routes.map(({ path }) => path))
  for (const file of [
    'control-api.ts',
    'login-api.ts',
    'notifications-api.ts',
    'platform-api.ts',
    'simulator.ts',
  ]) {
    const source = await readFile(new URL(`../../src/simulator/${file}`, import.meta.url), 'utf8')
    for (const [, path = ''] of source.matchAll(/'(\/(?:api|oauth|simulator|livez)[^'*]*)',/g)) {
      const named = path
        .replace(/:(participantId|channelId)/, '{$1}')
        .replace(/:(conversationId|id)\b/, '{id}')
      assert.ok(documented.has(named), `${file}: ${named}`)
    }
  }
})

test('the simulator accepts the commands of docs/simulator.md', async (t) => {
  const simulator = await startSimulator()
  t.after(() => simulator.close())
  const commands = fencesOf(page)
    .map(({ text }) => text)
    .join('\n')
  const posts = [...commands.matchAll(/"\$SIMULATOR(\/[^"]+)" -d '([^']+)'/g)]
  assert.equal(posts.length, 10)
  for (const [, path, body] of posts) {
    const answer = await fetch(simulator.url + path, { method: 'POST', body: body ?? '' })
    assert.ok(answer.ok, await answer.text())
  }
  assert.equal(simulator.faults().length, 7)
})
