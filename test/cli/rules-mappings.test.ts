import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ConversationEvent } from '../../src/event.ts'
import { priorities } from '../../src/inbox/inbox.ts'
import { openSqliteInbox } from '../../src/inbox/sqlite/sqlite.ts'
import { conversationEvent } from '../helpers/events.ts'
import { fixture } from '../helpers/fixtures.ts'
import { inFolder } from './harness.ts'

/** Mappings for surveys of a relay; `score` is the field of a survey that holds its score. */
const rulesText = (score: string) => `version: 1
mappings:
  - name: survey
    when: has(body.survey)
    type: conversation:updated
    topic: relay.survey
    conversationId: \${body.survey.conversation}
    participantId: \${body.survey.participant}
    attributes: { score: "\${body.survey.${score}}" }
  - name: note
    when: has(body.note)
    type: conversation:updated
    conversationId: \${body.conversation}
  - name: ping
    when: has(body.ping)
    ignore: true
rules:
  - name: score
    on: [relay.survey]
    set: { score: "\${event.attributes.score}" }
  - name: channel
    on: [routing.queues.conversations, conversation:created]
    set: { channel: seen }
tests:
  - name: a survey
    event: { survey: { conversation: c1, participant: p1, nps: 9, stars: 5 } }
    becomes: { type: conversation:updated, participantId: p1 }
    expect: { score: 9 }
  - name: a ping
    event: { ping: 1 }
    ignored: true
`
const item = { survey: { conversation: 'c1', participant: 'p1', nps: 9, stars: 5 } }

test('check counts mappings and warns about those whose events no rule listens to', async (t) => {
  const { rules } = await inFolder(t, { 'rules.yaml': rulesText('nps') })
  const { stdout, stderr } = await rules(['check'])
  assert.equal(
    stdout,
    './rules.yaml is valid: 2 rules (score, channel), 3 mappings (survey, note, ping), 2 tests\n',
  )
  assert.match(stderr, /^1 warning:\n {2}- .*:12:11 mappings\[1\]\.type has no rule that listens to it: .*\n/)
})

test('--coverage names mappings that no test uses', async (t) => {
  const { rules } = await inFolder(t, { 'rules.yaml': rulesText('nps') })
  const { code, stdout } = await rules(['test', '--coverage'])
  assert.equal(code, 0)
  assert.match(
    stdout,
    /Coverage: 2 of 3 mappings used, 1 of 2 rules matched, .*\n {2}mapping "note": used by no test\n/,
  )
})

test('eval names the mapping that reads an item, or the reason why none can', async (t) => {
  const { rules } = await inFolder(t, { 'rules.yaml': rulesText('nps') })
  const evaluated = (content: unknown, ...more: string[]) =>
    rules(['eval', '--event', '-', ...more], { input: JSON.stringify(content) })
  assert.equal(
    (await evaluated(item)).stdout.split('\n')[0],
    'conversation:updated, relay.survey, conversation c1, participant p1, read by mapping "survey"',
  )
  const { events } = JSON.parse(
    (await evaluated([item, fixture('notification-queue-conversation')], '--json')).stdout,
  )
  assert.deepEqual(
    events.map(({ mapping }: { mapping?: string }) => mapping),
    ['survey', undefined, undefined],
  )
  assert.equal(
    (await evaluated({ ping: 1 })).stdout,
    'Mapping "ping" ignores the item: the service would answer "ignored".\n',
  )
  assert.deepEqual(JSON.parse((await evaluated([{ ping: 1 }, { ping: 2 }], '--json')).stdout), {
    events: [],
    ignoredBy: ['ping', 'ping'],
  })
  const { code, stderr } = await evaluated({ survey: {} })
  assert.equal(code, 2)
  assert.match(
    stderr,
    /- conversationId is missing: mapping "survey" reads it from \$\{body\.survey\.conversation\}/,
  )
})

test('diff reads recorded items with the mappings of each file', async (t) => {
  const { folder, rules } = await inFolder(t, {
    'old.yaml': rulesText('nps'),
    'new.yaml': rulesText('stars'),
    'without.yaml': rulesText('nps').replace('has(body.survey)', 'has(body.other)'),
  })
  const inbox = openSqliteInbox({ file: join(folder, 'inbox.db'), maxPending: 10, now: () => 0 })
  const recorded: Partial<ConversationEvent>[] = [
    {
      type: 'conversation:updated',
      topic: 'relay.survey',
      attributes: { score: '9' },
      conversationId: 'c1',
      participantId: 'p1',
      body: item,
    },
    // A snapshot; its other participants are separate events.
    { topic: 'routing.queues.conversations', body: fixture('notification-queue-conversation') },
    {
      body: {
        type: 'conversation:created',
        conversationId: 'conversation-1',
        participantId: 'participant-1',
      },
    },
  ]
  for (const [index, changes] of recorded.entries())
    await inbox.append([
      { event: conversationEvent({ identity: `id:${index}`, ...changes }), priority: priorities.normal },
    ])
  await inbox.close()
  const compared = async (other: string) =>
    (await rules(['diff', 'old.yaml', other, '--store', 'sqlite:inbox.db', '--values'])).stdout
  assert.match(
    await compared('new.yaml'),
    /\n {2}~ score: "9" → "5"\n3 events compared: 2 same, 1 different\.\n/,
  )
  // Without its mapping the service would reject the item.
  assert.match(
    await compared('without.yaml'),
    /\n {2}- score: "9"\n3 events compared: 2 same, 1 different\.\n/,
  )
})

test('diff reads recorded Genesys Cloud envelopes with matching mappings', async (t) => {
  const text = (mappings: string) => `version: 1
mappings:
${mappings}rules:
  - name: read
    on: "*"
    set: { read: '\${default(event.attributes.by, "envelope")}' }
`
  const mapping = (fields: string) => `  - { name: m, when: has(body.detail.metadata), ${fields} }\n`
  const { folder, rules } = await inFolder(t, {
    'without.yaml': text(mapping('ignore: true').replace('metadata', 'none')),
    'mapped.yaml': text(
      mapping(
        'type: conversation:updated, conversationId: "${body.id}", participantId: "${body.detail.eventBody.participantId}", attributes: { by: mapping }',
      ),
    ),
    'ignored.yaml': text(mapping('ignore: true')),
  })
  const inbox = openSqliteInbox({ file: join(folder, 'inbox.db'), maxPending: 10, now: () => 0 })
  await inbox.append([
    {
      event: conversationEvent({ body: fixture('eventbridge-customer-start-chat') }),
      priority: priorities.normal,
    },
  ])
  await inbox.close()
  const compared = async (other: string) =>
    (await rules(['diff', 'without.yaml', other, '--store', 'sqlite:inbox.db', '--values'])).stdout
  assert.match(await compared('mapped.yaml'), / {2}~ read on \S+: "envelope" → "mapping"\n/)
  assert.match(await compared('ignored.yaml'), / {2}- read on \S+: "envelope"\n/)
  assert.match(await compared('without.yaml'), /1 event compared: 1 same/)
})
