import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { ConversationEvent } from '../../src/event.ts'
import { type Inbox, priorities } from '../../src/inbox/inbox.ts'
import { openSqliteInbox } from '../../src/inbox/sqlite/sqlite.ts'
import { conversationEvent } from '../helpers/events.ts'
import { startInProcess } from '../helpers/in-process.ts'
import { setUp } from '../helpers/process.ts'
import { inFolder } from './harness.ts'

const oldRules = `version: 1
rules:
  - name: channel
    on: [conversation:created]
    set: { channel: voice, source: relay }
  - name: gone
    on: [conversation:created]
    when: event.id == "e1"
    set: { old: "1" }
`
const newRules = `version: 1
rules:
  - name: channel
    on: [conversation:created]
    set: { channel: "\${event.mediaType}", source: relay }
  - name: vip
    on: [conversation:created]
    when: participant.purpose == "customer"
    set: { vip: true }
`

const recordedEvent = (id: string, changes: Partial<ConversationEvent> = {}) =>
  conversationEvent({ id, identity: `id:${id}`, participantId: `p-${id}`, mediaType: 'voice', ...changes })

/** A folder with two rules files and an open inbox with these events, accepted one second apart. */
async function withOpenInbox(t: TestContext, events: readonly ConversationEvent[], files = {}) {
  const folder = await inFolder(t, { 'old.yaml': oldRules, 'new.yaml': newRules, ...files })
  const start = Date.parse('2026-01-05T09:00:00Z')
  let now = start
  const inbox = openSqliteInbox({ file: join(folder.folder, 'inbox.db'), maxPending: 1_000, now: () => now })
  for (const event of events) {
    await inbox.append([{ event, priority: priorities.normal }])
    now += 1_000
  }
  return { ...folder, inbox }
}

const withInbox = async (t: TestContext, events: readonly ConversationEvent[], files = {}) => {
  const { inbox, ...rest } = await withOpenInbox(t, events, files)
  await inbox.close()
  return rest
}

const diffArgs = ['diff', 'old.yaml', 'new.yaml', '--store', 'sqlite:inbox.db']

test('different events are printed with their attribute names, newest first: exit code 1', async (t) => {
  const { rules } = await withInbox(t, [
    recordedEvent('e1', { mediaType: 'chat' }),
    recordedEvent('e2', { participant: { purpose: 'agent' } }),
    recordedEvent('e3'),
  ])
  assert.deepEqual(await rules(diffArgs), {
    code: 1,
    stdout: `2026-01-05T09:00:02.000Z conversation:created, conversation conversation-1, participant p-e3
  + vip
2026-01-05T09:00:00.000Z conversation:created, conversation conversation-1, participant p-e1
  ~ channel
  - old
  + vip
3 events compared: 1 same, 2 different.
(+ newly set, - no longer set, ~ different value)
Newly matched by rule "vip": 2 events.
No longer matched by rule "gone": 1 event.
`,
    stderr: '',
  })
})

test('values are printed only with --values', async (t) => {
  const { rules } = await withInbox(t, [recordedEvent('e1', { mediaType: 'chat' })])
  assert.doesNotMatch((await rules(diffArgs)).stdout, /chat|voice|true/)
  const { stdout } = await rules([...diffArgs, '--values'])
  assert.match(stdout, /\n {2}~ channel: "voice" → "chat"\n {2}- old: "1"\n {2}\+ vip: "true"\n/)
})

test('rules that decide all events alike: exit code 0', async (t) => {
  const { rules } = await withInbox(t, [recordedEvent('e2'), recordedEvent('e3')], {
    'new.yaml': oldRules.replace('name: channel', 'name: renamed'),
  })
  const { code, stdout } = await rules(diffArgs)
  assert.equal(code, 0)
  assert.match(
    stdout,
    /^2 events compared: 2 same, 0 different\.\nNewly matched by rule "renamed": 2 events\./,
  )
})

test('--limit selects the newest events, --since those accepted since that time', async (t) => {
  const { rules } = await withInbox(t, [recordedEvent('e1'), recordedEvent('e2'), recordedEvent('e3')])
  const diffWith = async (...args: string[]) => (await rules([...diffArgs, ...args])).stdout
  assert.match(await diffWith('--limit', '2'), /^2 events compared/m)
  assert.doesNotMatch(await diffWith('--limit', '2'), /p-e1/)
  assert.match(await diffWith('--since', '2026-01-05T09:00:01Z'), /^2 events compared/m)
  assert.match(await diffWith('--since', '2026-01-05T10:00:02+01:00'), /^1 event compared/m)
  assert.match(await diffWith('--since', '2026-01-06'), /^0 events compared: 0 same, 0 different\./m)
})

test('diff reads an open inbox, which stays writable', async (t) => {
  const { rules, inbox } = await withOpenInbox(t, [recordedEvent('e1')])
  t.after(() => inbox.close())
  assert.equal((await rules(diffArgs)).code, 1)
  await accept(inbox, recordedEvent('e2'))
  assert.match((await rules(diffArgs)).stdout, /^2 events compared/m)
})

const accept = (inbox: Inbox, event: ConversationEvent) =>
  inbox.append([{ event, priority: priorities.normal }])

test('diff reads the inbox of STORE_URL while the service runs', async (t) => {
  const { environment } = await setUp(t)
  const service = await startInProcess(t, environment)
  const answer = await service.post({
    type: 'conversation:created',
    conversationId: 'c1',
    participantId: 'p1',
    participant: { purpose: 'customer' },
  })
  assert.equal(answer.status, 202)
  const { rules } = await inFolder(t, { 'new.yaml': newRules })
  const { RULES_FILE = '', STORE_URL = '' } = environment
  const { code, stdout } = await rules(['diff', RULES_FILE, 'new.yaml'], { env: { STORE_URL } })
  assert.equal(code, 1)
  assert.match(stdout, /participant p1\n.*\n/)
  assert.equal((await service.health()).checks.store?.ok, true)
})

const rulesWithNeeds = (name: string, target: string, more = '') => `version: 1
lookups:
  crm: { url: "http://127.0.0.1:1/{key}", allowPrivate: true }
rules:
  - name: ${name}
    on: [conversation:created]
    target: ${target}
    set: { a: b }
  - name: own
    on: [conversation:created]
    set: { own: x${more} }
`

test('equal rules that need the conversation count as the same', async (t) => {
  const { rules } = await withInbox(t, [recordedEvent('e1')], {
    'old.yaml': rulesWithNeeds('same', 'candidate.connected'),
    'new.yaml': rulesWithNeeds('same', 'candidate.connected', 'y'),
  })
  const { code, stdout } = await rules(diffArgs)
  assert.equal(code, 1)
  assert.match(stdout, /\n {2}~ own\n1 event compared: 0 same, 1 different\./)
})

test('events that need data the inbox does not hold are counted as not comparable', async (t) => {
  const { rules } = await withInbox(t, [recordedEvent('e1')], {
    'old.yaml': rulesWithNeeds('same', 'candidate.connected'),
    'new.yaml': rulesWithNeeds('same', 'candidate.ended').replace(
      'own: x',
      'own: "${lookup(\'crm\', event.id).a}"',
    ),
  })
  const { code, stdout } = await rules(diffArgs)
  assert.equal(code, 0)
  assert.equal(
    stdout,
    `1 event compared: 0 same, 0 different, 1 not comparable.
Needs the conversation from Genesys Cloud: 1 event.
Needs lookup crm: 1 event.
`,
  )
})

test('--online calls HTTP lookups', async (t) => {
  const { rules } = await withInbox(t, [recordedEvent('e1')], {
    'new.yaml': `version: 1
lookups:
  crm: { url: "http://127.0.0.1:1/{key}", allowPrivate: true }
rules:
  - { name: one, on: "*", set: { tier: "x\${lookup('crm', event.id).tier}" } }
`,
  })
  assert.match((await rules(diffArgs)).stdout, /Needs lookup crm: 1 event\.\n$/)
  assert.match((await rules([...diffArgs, '--online'])).stdout, /\n {2}\+ tier\n/)
})

for (const [description, args, message] of [
  ['a limit that is not a number', ['--limit', 'all'], /--limit .*Must be a whole number/],
  ['a time that is not ISO 8601', ['--since', 'yesterday'], /--since .*ISO 8601/],
  ['an unsupported store', ['--store', 'redis://localhost'], /^The store must be sqlite:PATH/],
  ['a missing inbox', ['--store', 'sqlite:none.db'], /^The inbox none\.db cannot be opened/],
] as const) {
  test(`invalid usage: ${description}, exit code 2`, async (t) => {
    const { rules } = await withInbox(t, [])
    const { code, stderr } = await rules([...diffArgs, ...args])
    assert.equal(code, 2, stderr)
    assert.match(stderr, message)
  })
}

test('a file with mistakes: exit code 2', async (t) => {
  const { rules } = await withInbox(t, [], { 'new.yaml': 'version: 1\n' })
  const { code, stderr } = await rules(diffArgs)
  assert.equal(code, 2)
  assert.match(stderr, /^new\.yaml is not valid\n/)
})
