import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Simulator } from '../../src/simulator/simulator.ts'
import { canonicalItem } from '../helpers/events.ts'
import { fixture } from '../helpers/fixtures.ts'
import { startInProcess } from '../helpers/in-process.ts'
import { type RunningService, setUp, token } from '../helpers/process.ts'
import { until } from '../helpers/wait.ts'

// Payloads that the service once refused or misread, from the webhook to the attributes in Genesys Cloud.

const rules = `
version: 1
rules:
  - name: media type and purpose
    on: [conversation:created, conversation:updated]
    set: { seen: "\${event.mediaType}", who: "\${participant.purpose}" }
  - name: queue
    on: [conversation:created, conversation:updated]
    set: { queue: "\${event.queueId}" }
  - { name: newest, on: [conversation:updated], set: { mark: "\${event.body.mark}" } }
`

let simulator: Simulator
let service: RunningService
const releases: (() => unknown)[] = []

before(async () => {
  const owner = { after: (release: () => unknown) => void releases.push(release) }
  const ready = await setUp(owner, { rules, strict: false, rateLimit: 10_000 })
  simulator = ready.simulator
  service = await startInProcess(owner, { ...ready.environment, RATE_LIMIT: '10000', MAX_IN_FLIGHT: '50' })
})
after(async () => {
  for (const release of releases.reverse()) await release()
})

interface Posted {
  readonly body: unknown
  readonly type?: string
  readonly accepted: number
  readonly rejected?: readonly string[]
}

/** Posts a body, checks the answer, and waits until every event has its outcome. */
async function post({ body, type = 'application/json', accepted, rejected = [] }: Posted): Promise<void> {
  const answer = await service.post(body, { authorization: `Bearer ${token}`, 'content-type': type })
  const messages = answer.body.rejected?.map((one) => {
    const { index, message } = one as { index: number; message: string }
    return `${index}: ${message}`
  })
  assert.deepEqual([answer.status, answer.body.accepted, messages], [202, accepted, rejected])
  await until('every event has its outcome', async () => (await service.status()).inbox.pending === 0)
}

/** The attributes of the participants, by the last two characters of their ids. */
function attributesIn(conversation: string): Record<string, unknown> {
  const participants = simulator.conversation(conversation)?.participants ?? []
  return Object.fromEntries(participants.map(({ id, attributes }) => [id.slice(-2), { ...attributes }]))
}

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
const conversationId = new RegExp(
  `conversation\\.(${uuid})|"eventBody":\\{"id":"(${uuid})|"conversationId":"(${uuid})`,
)

/** The id of the conversation in a fixture, wherever it is. */
function conversationOf(name: string): string {
  const text = JSON.stringify(fixture(name))
  return (
    conversationId
      .exec(text.replaceAll('\\', ''))
      ?.slice(1)
      .find((id) => id !== undefined) ?? ''
  )
}

const values = (seen: string, who: string) => ({ seen, who })

for (const [name, wanted, attributes] of [
  ['carriers/sns-notification', { accepted: 1 }, { c1: values('voice', 'customer') }],
  [
    'carriers/sqs-records-from-lambda',
    { accepted: 1, rejected: ['1: Records[1].body is not JSON: send the event as JSON text'] },
    { c2: values('voice', 'customer') },
  ],
  ['carriers/sns-inside-sqs', { accepted: 1 }, { c3: values('voice', 'customer') }],
  [
    'odd/queue-calls-snapshot-without-media-type',
    { accepted: 2 },
    {
      ab: values('voice', 'customer'),
      ac: { ...values('voice', 'acd'), queue: '11111111-1111-4111-8111-111111111111' },
    },
  ],
  ['odd/callback-customer-start', { accepted: 1 }, { c1: values('callback', 'customer') }],
  ['odd/topic-with-literal-id', { accepted: 1 }, { c1: values('chat', 'customer') }],
  // Without a media type, the first rule is undecided.
  ['odd/snapshot-attributes-not-text', { accepted: 2 }, {}],
  ['odd/snapshot-numeric-end-time', { accepted: 2 }, {}],
  [
    'odd/snapshot-participant-without-id',
    {
      accepted: 2,
      rejected: [
        '0: eventBody.participants.1.id must be 1 to 128 characters of A-Z a-z 0-9 _ -, but is missing',
      ],
    },
    {},
  ],
  ['odd/templates-not-filled-in', { accepted: 1 }, {}],
  [
    'odd/snapshot-all-media-arrays',
    { accepted: 15 },
    {
      '01': values('voice', 'customer'),
      '02': values('voice', 'ivr'),
      '03': values('message', 'workflow'),
      '04': { ...values('voice', 'acd'), queue: '0c000000-0000-4000-8000-0000000000e1' },
      '08': values('cobrowse', 'agent'),
      '09': values('screenshare', 'customer'),
      '0a': values('social', 'customer'),
      '0b': values('video', 'customer'),
      '0c': values('internalmessage', 'agent'),
      '0d': values('message', 'bot'),
      '0f': values('message', 'customer'),
    },
  ],
] as const) {
  test(`${name}: the participants get these values`, async () => {
    await post({ body: fixture(name), ...wanted })
    const found = attributesIn(conversationOf(name))
    const named = name.endsWith('all-media-arrays')
      ? Object.fromEntries(Object.keys(attributes).map((id) => [id, found[id]]))
      : found
    assert.deepEqual(named, attributes)
  })
}

test('the message of SNS as text, with a byte order mark, is the same event', async () => {
  const body = `\uFEFF${JSON.stringify(fixture('carriers/sns-notification'))}`
  const answer = await service.post(body, {
    authorization: `Bearer ${token}`,
    'content-type': 'text/plain; charset=UTF-8',
  })
  assert.deepEqual([answer.status, answer.body.duplicates], [202, 1])
})

test('snapshot-with-one-null-participant: the third participant is undecided, and history says why', async () => {
  const conversation = 'c0ffee00-0000-4000-8000-0000000000b1'
  const name = 'odd/snapshot-with-one-null-participant'
  const body = JSON.stringify(fixture(name)).replaceAll(conversationOf(name), conversation)
  const rejected = ['0: eventBody.participants.1 must be an object, but is null']
  await post({ body, accepted: 2, rejected })
  assert.deepEqual(attributesIn(conversation), { ab: values('voice', 'customer') })
  const answer = await fetch(`${service.url}/admin/events?conversationId=${conversation}`, {
    headers: { authorization: 'Bearer test-admin-token' },
  })
  const { items } = (await answer.json()) as { items: { id: string; participantId: string }[] }
  const third = items.find(({ participantId }) => participantId.endsWith('ad'))
  const shown = await fetch(`${service.url}/admin/events/${encodeURIComponent(third?.id ?? '')}`, {
    headers: { authorization: 'Bearer test-admin-token' },
  })
  assert.match(JSON.stringify(await shown.json()), /event\.mediaType/)
})

test('same-call-from-eventbridge: the values are those of the snapshot', async () => {
  const conversation = 'c0ffee00-0000-4000-8000-0000000000b2'
  const name = 'odd/same-call-from-eventbridge'
  const body = JSON.stringify(fixture(name)).replaceAll(conversationOf(name), conversation)
  await post({ body, accepted: 1 })
  assert.deepEqual(attributesIn(conversation), { ab: values('voice', 'customer') })
})

const customerStart = (n: number, eventBody: Record<string, unknown>) => ({
  version: '0',
  id: `odd-${n}`,
  'detail-type': 'v2.detail.events.conversation.{id}.customer.start',
  source: 'aws.partner/genesys.com/cloud/00000000-0000-4000-8000-00000000000f/events',
  detail: {
    topicName: `v2.detail.events.conversation.odd-${n}.customer.start`,
    eventBody: {
      conversationId: `odd-${n}`,
      participantId: `participant-${n}`,
      mediaType: 'VOICE',
      eventTime: 1767603600000,
      ...eventBody,
    },
  },
})

test('EventBridge: fields of an unexpected type do not refuse the event', async () => {
  const odd: readonly [Record<string, unknown>, Record<string, unknown>][] = [
    [{ ani: 13175550100 }, values('voice', 'customer')],
    [{ queueId: 12 }, { ...values('voice', 'customer'), queue: '12' }],
    [{ mediaType: { name: 'VOICE' } }, {}],
    [{ attributes: { crm: { tier: 1 } } }, values('voice', 'customer')],
    [{ attributes: '{"tier":"1"}' }, values('voice', 'customer')],
    [{ sessionId: 77 }, values('voice', 'customer')],
  ]
  await post({ body: odd.map(([fields], n) => customerStart(n, fields)), accepted: odd.length })
  for (const [n, [, attributes]] of odd.entries())
    assert.deepEqual(Object.values(attributesIn(`odd-${n}`))[0] ?? {}, attributes, String(n))
})

test('a later time in seconds wins over an earlier one in milliseconds', async () => {
  const at = (mark: string, occurredAt: number) =>
    canonicalItem({ type: 'conversation:updated', conversationId: 'times', mark, occurredAt })
  await post({ body: at('earlier', 1767603600000), accepted: 1 })
  await post({ body: at('later', 1767603660), accepted: 1 })
  await post({ body: at('earliest', 1767603500000), accepted: 1 })
  assert.deepEqual(attributesIn('times'), { '-1': { mark: 'later' } })
})

test('ids in upper and in lower case are one participant', async () => {
  const ids = {
    conversationId: 'C0FFEE00-0000-4000-8000-0000000000B3',
    participantId: 'C0FFEE00-0000-4000-8000-0000000000C9',
  }
  const lower = {
    conversationId: ids.conversationId.toLowerCase(),
    participantId: ids.participantId.toLowerCase(),
  }
  await post({ body: canonicalItem({ ...ids, id: 'upper', queueId: 'a' }), accepted: 1 })
  await post({ body: canonicalItem({ ...lower, id: 'lower', queueId: 'b' }), accepted: 1 })
  assert.deepEqual(attributesIn(lower.conversationId), { c9: { queue: 'b' } })
  assert.deepEqual(attributesIn(ids.conversationId), {})
})

test('a snapshot with 120 participants is accepted', async () => {
  const participants = Array.from({ length: 120 }, (_, n) => ({
    id: `p-${1000 + n}`,
    purpose: 'agent',
    calls: [{ state: 'connected', direction: 'inbound' }],
  }))
  const topicName = 'v2.users.0a1b2c3d-0000-4000-8000-00000000000a.conversations'
  await post({ body: { topicName, eventBody: { id: 'large', participants } }, accepted: 120 })
  const found = simulator.conversation('large')?.participants ?? []
  assert.equal(found.filter(({ attributes }) => attributes.seen === 'voice').length, 120)
})
