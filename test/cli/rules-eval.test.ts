import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { startConnectProxy } from '../helpers/connect-proxy.ts'
import { inFolder } from './harness.ts'

const rulesText = (port = 1) => `version: 1
lookups:
  crm: { url: "http://127.0.0.1:${port}/crm/{key}", allowPrivate: true }
  names: { url: "http://127.0.0.1:${port}/names/{key}", allowPrivate: true }
rules:
  - name: source
    on: [conversation:created]
    set: { source: relay, channel: voice }
  - name: customers
    on: [conversation:created]
    when: participant.purpose == "customer" && event.mediaType == "voice"
    set: { source: customer }
  - name: account
    on: [attributes]
    set: { account: '\${lookup("names", lookup("crm", participant.address).account).name}' }
  - name: on the customer
    on: [user.start]
    target: candidate.purpose == "customer"
    set: { served_by: "\${event.userId}" }
`
const created = JSON.stringify({
  type: 'conversation:created',
  conversationId: 'c1',
  participantId: 'p1',
  mediaType: 'voice',
  participant: { purpose: 'customer', address: 'tel:+1' },
})
const updated = (topic: string) =>
  JSON.stringify({ ...JSON.parse(created), type: 'conversation:updated', topic, userId: 'u1' })

test('the output gives the reason for each rule and the rule for each value', async (t) => {
  const { rules } = await inFolder(t, { 'rules.yaml': rulesText(), 'event.json': created })
  assert.deepEqual(await rules(['eval', '--event', 'event.json']), {
    code: 0,
    stdout: `conversation:created, conversation c1, participant p1
  rule "source": matched, sets source, channel
  rule "customers": matched, sets source
  rule "account": skipped: it does not listen to conversation:created
  rule "on the customer": skipped: it does not listen to conversation:created
  Sets on participant p1:
    source = "customer" (rule "customers", overrides "source")
    channel = "voice" (rule "source")
`,
    stderr: '',
  })
})

test('events in carriers are read, and an unreadable one is named by its path', async (t) => {
  const { rules } = await inFolder(t, { 'rules.yaml': rulesText() })
  const records = [created, 'not json'].map((body, n) => ({
    eventSource: 'aws:sqs',
    messageId: `m-${n}`,
    body,
  }))
  const { code, stdout } = await rules(['eval', 'rules.yaml', '--event', '-'], {
    input: JSON.stringify({ Records: records }),
  })
  assert.equal(code, 0)
  assert.match(stdout, /conversation:created, conversation c1, participant p1/)
  assert.match(stdout, /Records\[1\]\.body is not JSON/)
})

test('--event - reads standard input and accepts a list of events', async (t) => {
  const { inProcess } = await inFolder(t, { 'rules.yaml': rulesText() })
  const agent = { ...JSON.parse(created), participant: { purpose: 'agent' } }
  const { stdout } = await inProcess(['eval', 'rules.yaml', '--event', '-'], {
    input: JSON.stringify([agent, { ...agent, mediaType: undefined, participant: { purpose: 'customer' } }]),
  })
  assert.match(stdout, /rule "customers": not matched: participant\.purpose == "customer" is false\n/)
  assert.match(
    stdout,
    /rule "customers": undecided at event\.mediaType == "voice": event\.mediaType is missing \(no_such_key\)\n/,
  )
})

async function startCrm(t: TestContext) {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(request.url ?? '')
    const answers: Record<string, object> = {
      '/crm/tel%3A%2B1': { account: 'a1' },
      '/names/a1': { name: 'Acme' },
    }
    const answer = answers[request.url ?? '']
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer ?? {}))
  })
  t.after(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { requests, port: (server.address() as AddressInfo).port }
}

test('HTTP lookups run one after the other when the key of one comes from the other', async (t) => {
  const { requests, port } = await startCrm(t)
  const { rules } = await inFolder(t, {
    'rules.yaml': rulesText(port),
    'event.json': updated('attributes'),
  })
  const { code, stdout } = await rules(['eval', '--event', 'event.json'])
  assert.equal(code, 0)
  assert.match(stdout, / {2}Sets on participant p1:\n {4}account = "Acme" \(rule "account"\)\n$/)
  assert.deepEqual(requests, ['/crm/tel%3A%2B1', '/names/a1'])
})

test('--offline calls no lookup and prints the lookups that the service would call', async (t) => {
  const { requests, port } = await startCrm(t)
  const { rules } = await inFolder(t, { 'rules.yaml': rulesText(port), 'event.json': updated('attributes') })
  const { stdout } = await rules(['eval', '--event', 'event.json', '--offline'])
  assert.match(stdout, /rule "account": waits for lookup crm\n/)
  assert.match(
    stdout,
    / {2}The service would look up "tel:\+1" in "crm"\.\n {2}Nothing is set until then\.\n$/,
  )
  assert.deepEqual(requests, [])
})

test('HTTP lookups go through the proxy; its password is not printed if it is invalid', async (t) => {
  const { requests, port } = await startCrm(t)
  const proxy = await startConnectProxy(t)
  const { rules } = await inFolder(t, { 'rules.yaml': rulesText(port), 'event.json': updated('attributes') })
  const args = ['eval', '--event', 'event.json']
  const { stdout } = await rules(args, { env: { GENESYS_PROXY_URL: proxy.url } })
  assert.match(stdout, /account = "Acme"/)
  assert.deepEqual([requests.length, proxy.requests.length], [2, 2])
  const { code, stderr } = await rules(args, { env: { GENESYS_PROXY_URL: 'ada:hush@proxy:3128' } })
  assert.equal(code, 2)
  assert.match(stderr, /GENESYS_PROXY_URL must be the http/)
  assert.doesNotMatch(stderr, /hush/)
})

test('a failed lookup is printed', async (t) => {
  const { rules } = await inFolder(t, { 'rules.yaml': rulesText(), 'event.json': updated('attributes') })
  const { code, stderr } = await rules(['eval', '--event', 'event.json'])
  assert.equal(code, 0)
  assert.match(stderr, /^HTTP lookup failed: \w+: \w+\n/)
})

test('a needed conversation is named, and --participants supplies it', async (t) => {
  const participants = [
    { id: 'c1', purpose: 'customer', endTime: '2026-01-05T09:00:00Z' },
    { id: 'c2', purpose: 'customer', connectedTime: '2026-01-05T09:00:00Z' },
  ]
  const { rules } = await inFolder(t, {
    'rules.yaml': rulesText(),
    'event.json': updated('user.start'),
    'list.json': JSON.stringify(participants),
    'conversation.json': JSON.stringify({ id: 'c', participants }),
    'wrong.json': '{"people":[]}',
  })
  const { code, stdout } = await rules(['eval', '--event', 'event.json'])
  assert.equal(code, 0)
  assert.match(
    stdout,
    /The service would read conversation c1 from Genesys Cloud\. Pass its participants with --participants\.\n {2}Nothing is set until then\.\n$/,
  )
  for (const file of ['list.json', 'conversation.json']) {
    const result = await rules(['eval', '--event', 'event.json', '--participants', file])
    assert.match(
      result.stdout,
      /matched, sets served_by on c2\n {4}participant c2 \(customer, connected\): matches\n/,
    )
    assert.match(
      result.stdout,
      / {2}Sets on participant c2:\n {4}served_by = "u1" \(rule "on the customer"\)\n$/,
    )
  }
  const wrong = await rules(['eval', '--event', 'event.json', '--participants', 'wrong.json'])
  assert.deepEqual([wrong.code, wrong.stdout], [2, ''])
  assert.match(wrong.stderr, /^wrong\.json is not a list of participants\n/)
})

test('--json prints the same result as JSON', async (t) => {
  const { rules } = await inFolder(t, { 'rules.yaml': rulesText(), 'event.json': created })
  const { stdout } = await rules(['eval', '--event', 'event.json', '--json'])
  const { events } = JSON.parse(stdout)
  assert.equal(events.length, 1)
  const [{ rules: traces, ...rest }] = events
  assert.deepEqual(rest, {
    type: 'conversation:created',
    conversationId: 'c1',
    participantId: 'p1',
    listened: true,
    sets: [
      {
        participantId: 'p1',
        attribute: 'source',
        value: 'customer',
        rule: 'customers',
        overruled: ['source'],
      },
      { participantId: 'p1', attribute: 'channel', value: 'voice', rule: 'source', overruled: [] },
    ],
    needs: [],
    blocked: [],
  })
  assert.deepEqual(
    traces.map(({ result }: { result: string }) => result),
    ['matched', 'matched', 'not_listening', 'not_listening'],
  )
})

test('an event that the service would ignore is reported as ignored', async (t) => {
  const { rules } = await inFolder(t, {
    'rules.yaml': rulesText(),
    'other.json': updated('acw'),
    'foreign.json': JSON.stringify({
      topicName: 'channel.metadata',
      eventBody: { message: 'WebSocket Heartbeat' },
    }),
  })
  assert.match(
    (await rules(['eval', '--event', 'other.json'])).stdout,
    /No rule listens to it: the service would answer "ignored"/,
  )
  assert.match((await rules(['eval', '--event', 'foreign.json'])).stdout, /^Not a conversation event/)
})

for (const [description, content, message] of [
  [
    'an invalid event',
    '{"type":"conversation:ended"}',
    /^event\.json is not an event that the service accepts\n(.*\n)? {2}- conversationId/,
  ],
  ['invalid JSON', '{', /^event\.json is not JSON\n/],
] as const) {
  test(`a file that holds ${description}: exit code 2`, async (t) => {
    const { rules } = await inFolder(t, { 'rules.yaml': rulesText(), 'event.json': content })
    const { code, stderr } = await rules(['eval', '--event', 'event.json'])
    assert.equal(code, 2)
    assert.match(stderr, message)
  })
}

test('an event nested deeper than the service accepts: exit code 2', async (t) => {
  const deep = `{"type":"conversation:created","conversationId":"c1","participantId":"p1","a":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_001)}`
  const { rules } = await inFolder(t, { 'rules.yaml': rulesText(), 'event.json': deep })
  const { code, stderr } = await rules(['eval', '--event', 'event.json'])
  assert.deepEqual(
    [code, stderr],
    [2, 'event.json is not a body that the service accepts\n  - The body is nested deeper than 64 levels.\n'],
  )
})

test('no --event, or a missing file: exit code 2', async (t) => {
  const { rules } = await inFolder(t, { 'rules.yaml': rulesText() })
  assert.equal((await rules(['eval'])).code, 2)
  const { code, stderr } = await rules(['eval', '--event', 'none.json'])
  assert.deepEqual([code, stderr], [2, 'none.json cannot be read\n  - ENOENT: there is no such file\n'])
})

test('odd fields and rejected participants are listed, without their values', async (t) => {
  const { rules } = await inFolder(t, { 'rules.yaml': rulesText() })
  const odd = { ...JSON.parse(created), direction: true, queueId: '${input.queueId}' }
  const evaluated = (content: unknown, ...more: string[]) =>
    rules(['eval', '--event', '-', ...more], { input: JSON.stringify(content) })
  assert.match(
    (await evaluated(odd)).stdout,
    /\n\nOdd fields:\n {2}direction has .*\(boolean\)\n {2}queueId is an unfilled template .*\n$/,
  )
  assert.doesNotMatch((await evaluated(odd)).stdout, /input\.queueId/)
  const snapshot = {
    topicName: 'v2.users.u1.conversations',
    eventBody: { id: 'c1', participants: [{ id: 'p1', purpose: 'customer' }, { purpose: 'agent' }] },
  }
  const { events, oddFields, rejected } = JSON.parse((await evaluated(snapshot, '--json')).stdout)
  assert.equal(events.length, 1)
  assert.equal(oddFields, undefined)
  assert.match(rejected[0], /^eventBody\.participants\.1\.id must be .*, but is missing$/)
})

test('a file is read like a request: byte order mark, NDJSON, JSON encoded twice, a bad item alone', async (t) => {
  const { rules } = await inFolder(t, { 'rules.yaml': rulesText() })
  const evaluated = async (input: string) =>
    JSON.parse((await rules(['eval', '--event', '-', '--json'], { input })).stdout)
  const first = (await evaluated(created)).events[0]
  for (const input of [`\uFEFF${created}`, JSON.stringify(created), `${created}\n${created}\n`])
    assert.deepEqual((await evaluated(input)).events[0], first)
  const { events, rejected } = await evaluated(`[${created}, {"type": 1}]`)
  assert.equal(events.length, 1)
  assert.match(rejected[0], /^item 1: type must be /)
})
