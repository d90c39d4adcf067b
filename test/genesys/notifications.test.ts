import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Call } from '../../src/genesys/call.ts'
import type { Answer } from '../../src/genesys/classify.ts'
import { createNotificationsApi } from '../../src/genesys/notifications.ts'

type Made = Parameters<Call>[0]

/** An API that returns these answers in order. */
function answering(...answers: { answer: Answer; body?: string }[]) {
  const made: Made[] = []
  const call: Call = async (request) => {
    made.push(request)
    return (
      answers[made.length - 1] ?? { answer: { kind: 'unavailable', detail: 'no more', cause: 'no more' } }
    )
  }
  return { made, api: createNotificationsApi({ call, apiUrl: 'https://api.example' }) }
}

const ok = (body: unknown) => ({ answer: { kind: 'ok' } as const, body: JSON.stringify(body) })

test('a channel has an id, a connect URI and an expiry time', async () => {
  const channel = {
    id: 'c1',
    connectUri: 'wss://streaming.example/channels/c1',
    expires: '2026-01-02T00:00:00.000Z',
  }
  const { api, made } = answering(ok(channel), ok({ ...channel, expires: 'tomorrow' }))
  const { id, connectUri } = channel
  assert.deepEqual(await api.createChannel(), {
    kind: 'ok',
    value: { id, connectUri, expiresAt: Date.parse(channel.expires) },
  })
  assert.deepEqual(await api.createChannel(), { kind: 'ok', value: { id, connectUri, expiresAt: undefined } })
  assert.deepEqual(made[0], { method: 'POST', url: 'https://api.example/api/v2/notifications/channels' })
})

test('subscribe replaces all topics and returns the refused ones', async () => {
  const { api, made } = answering(
    ok({
      entities: [
        { id: 'a', state: 'Permitted' },
        { id: 'b', state: 'Rejected', rejectionReason: 'missing permission' },
      ],
    }),
    ok({ entities: [{ id: 'a' }, { id: 'b', state: 'Rejected' }] }),
    ok({}),
  )
  assert.deepEqual(await api.subscribe('c/1', ['a', 'b']), {
    kind: 'ok',
    value: [{ topic: 'b', reason: 'missing permission' }],
  })
  assert.deepEqual(made[0], {
    method: 'PUT',
    url: 'https://api.example/api/v2/notifications/channels/c%2F1/subscriptions?ignoreErrors=true',
    body: '[{"id":"a"},{"id":"b"}]',
  })
  assert.deepEqual(await api.subscribe('c1', ['b']), {
    kind: 'ok',
    value: [{ topic: 'b', reason: 'rejected' }],
  })
  assert.deepEqual(await api.subscribe('c1', ['a']), { kind: 'ok', value: [] })
})

test('queues are found by name or ids, URL-encoded', async () => {
  const queue = { id: 'q1', name: 'A & B' }
  const { api, made } = answering(ok({ entities: [{ ...queue, memberCount: 3 }] }), ok({ entities: [] }))
  assert.deepEqual(await api.findQueues({ name: 'A & B' }), { kind: 'ok', value: [queue] })
  assert.deepEqual(await api.findQueues({ ids: ['q1', 'q/2'] }), { kind: 'ok', value: [] })
  assert.deepEqual(
    made.map(({ url }) => url),
    [
      'https://api.example/api/v2/routing/queues?pageSize=100&name=A+%26+B',
      'https://api.example/api/v2/routing/queues?pageSize=100&id=q1&id=q%2F2',
    ],
  )
})

test('a call with an expired token is repeated once', async () => {
  const expired = { answer: { kind: 'token_expired', detail: '401' } } as const
  const { api, made } = answering(expired, ok({ entities: [] }), expired, expired)
  assert.equal((await api.findQueues({ name: 'a' })).kind, 'ok')
  assert.deepEqual(await api.findQueues({ name: 'a' }), {
    kind: 'failed',
    why: 'token_expired',
    cause: '401',
  })
  assert.equal(made.length, 4)
})

for (const [answer, failure] of [
  [
    { kind: 'rate_limited', retryAfterMs: 3_000 },
    { why: 'rate_limited', retryAfterMs: 3_000 },
  ],
  [
    { kind: 'rate_limited', retryAfterMs: 86_400_000 },
    { why: 'rate_limited', retryAfterMs: 3_600_000 },
  ],
  [{ kind: 'rate_limited', retryAfterMs: undefined }, { why: 'rate_limited' }],
  [
    { kind: 'credentials_refused', detail: 'invalid_client' },
    { why: 'credentials_refused', cause: 'invalid_client' },
  ],
  [
    { kind: 'forbidden', detail: '403 no', cause: '403' },
    { why: 'forbidden', cause: '403 no' },
  ],
  [
    { kind: 'unavailable', detail: '503', cause: '503' },
    { why: 'unavailable', cause: '503' },
  ],
] as const) {
  test(`the failure of ${JSON.stringify(answer)}`, async () => {
    const { api, made } = answering({ answer })
    const cause = 'rate limited by Genesys Cloud (429)'
    assert.deepEqual(await api.createChannel(), { kind: 'failed', cause, ...failure })
    assert.equal(made.length, 1)
  })
}

for (const body of ['', '{', 'null', '[]', '{"id":"c1"}', '{"id":1,"connectUri":"wss://a"}']) {
  test(`createChannel fails for a response ${body || 'without a body'}`, async () => {
    const { api } = answering({ answer: { kind: 'ok' }, body })
    const result = await api.createChannel()
    assert.ok(result.kind === 'failed' && result.why === 'unavailable')
  })
}
