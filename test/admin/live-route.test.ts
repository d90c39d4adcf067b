import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { liveMessages } from '../../src/admin/live/live-schemas.ts'
import { canonicalItem } from '../helpers/events.ts'
import { adminToken, relayToken, startService } from '../helpers/service.ts'

type Name = keyof typeof liveMessages

/** Reads the stream until `isLast` is true for the data of an event. */
async function readUntil(t: TestContext, url: string, isLast: (name: Name, data: never) => boolean) {
  const ended = new AbortController()
  t.after(() => ended.abort())
  const headers = { authorization: `Bearer ${adminToken}` }
  const response = await fetch(`${url}/admin/live`, { headers, signal: ended.signal })
  assert.equal(response.headers.get('content-type'), 'text/event-stream')
  assert.equal(response.headers.get('cache-control'), 'no-store')
  assert.ok(response.body)
  const decoder = new TextDecoder()
  const seen: Name[] = []
  let text = ''
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true })
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const [, name = '', data = ''] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? []
      const parsed = JSON.parse(data)
      // Strict, so that the stream has nothing that its schema lacks.
      assert.deepEqual(liveMessages[name as Name].parse(parsed), parsed, name)
      seen.push(name as Name)
      if (isLast(name as Name, parsed as never)) return seen
    }
  }
  throw new Error(`the stream ended after ${seen.join(', ')}`)
}

test('the stream begins with the history, then has the state, with accepted events and changes', async (t) => {
  const url = await startService(t)
  const asAdmin = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' }
  await fetch(`${url}/webhooks/genesys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${relayToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(canonicalItem()),
  })
  await fetch(`${url}/admin/delivery/pause`, { method: 'POST', headers: asAdmin, body: '{"reason":"tests"}' })
  const seen = await readUntil(
    t,
    url,
    (name, data: { audit?: { message: string }[]; status?: { totals: { accepted: number } } }) =>
      name === 'status' &&
      data.audit?.[0]?.message === 'delivery paused by an operator' &&
      data.status?.totals.accepted === 1,
  )
  assert.equal(seen[0], 'start')
})

test('HEAD answers without a stream, and a wrong token is refused', async (t) => {
  const url = await startService(t)
  const head = await fetch(`${url}/admin/live`, {
    method: 'HEAD',
    headers: { authorization: `Bearer ${adminToken}` },
  })
  assert.deepEqual([head.status, head.headers.get('content-type')], [200, 'text/event-stream'])
  assert.equal((await fetch(`${url}/admin/live`, { headers: { authorization: 'Bearer other' } })).status, 401)
})
