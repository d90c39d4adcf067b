import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { readEvents } from '../../../src/cli/rules/read-events.ts'
import { loadRules } from '../../../src/rules/load-rules.ts'
import { coverageOf } from '../../../src/rules-tooling/tests/coverage.ts'
import { runTests } from '../../../src/rules-tooling/tests/run-tests.ts'
import { parseTestsDocument, testsOf } from '../../../src/rules-tooling/tests/tests-document.ts'
import { fixture } from '../../helpers/fixtures.ts'
import { temporaryFolder } from '../../helpers/folder.ts'

const rulesText = `version: 1
mappings:
  - name: survey
    when: has(body.survey)
    type: conversation:updated
    topic: attributes
    conversationId: "\${body.call}"
    occurredAt: "\${body.at}"
    attributes: "\${body.survey}"
  - name: note
    when: has(body.note)
    type: conversation:updated
    topic: acw
    conversationId: "\${body.call}"
  - { name: ping, when: has(body.ping), ignore: true }
lookups:
  crm: { url: "https://crm.example.com/{key}", columns: { tier: tier } }
  open: { url: "https://crm.example.com/open/{key}" }
  file: { file: file.csv, key: key }
rules:
  - name: vip
    on: [conversation:created]
    when: participant.purpose == "customer"
    set: { vip: true, level: 007 }
  - name: tier
    on: [attributes]
    set: { tier: '\${lookup("crm", event.body.key).tier}' }
  - name: chain
    on: [contact]
    set: { name: '\${lookup("open", lookup("crm", event.body.key).tier).name}' }
  - name: of the file
    on: [acw]
    set: { value: '\${lookup("file", "k").value}' }
  - name: on the customer
    on: [user.start]
    target: candidate.purpose == "customer" && candidate.connected
    set: { served_by: "\${event.userId}" }
  - name: own
    on: [user.start]
    set: { greeted: true }
  - name: snapshot
    on: [routing.queues.conversations]
    set: { purpose: "\${participant.purpose}" }
  - name: read
    on: [wrapup]
    needs: participant
    set: { tier: "\${participant.attributes.tier}" }
`

async function load(t: TestContext) {
  const folder = await temporaryFolder(t)
  await writeFile(join(folder, 'rules.yaml'), rulesText)
  await writeFile(join(folder, 'file.csv'), 'key,value\nk,of the file\n')
  const loaded = await loadRules(join(folder, 'rules.yaml'))
  assert.ok(loaded.kind === 'ok', loaded.kind === 'invalid' ? loaded.problems.join('\n') : '')
  t.after(() => loaded.rules.close())
  return loaded
}

/** Runs tests in YAML, each without its name. */
async function run(t: TestContext, ...tests: string[]) {
  const loaded = await load(t)
  const parsed = parseTestsDocument(
    `tests:\n${tests.map((each, n) => `  - { name: t${n}, ${each} }\n`).join('')}`,
  )
  assert.ok(parsed.kind === 'ok', JSON.stringify(parsed))
  const { document } = parsed
  assert.deepEqual(document.problems, [])
  const results = runTests({ loaded, tests: testsOf(document, 'rules.test.yaml'), readEvents })
  return { loaded, results }
}

const event = (more: string): string => `event: { conversationId: c1, participantId: p1, ${more} }`
const created = event('type: "conversation:created", participant: { purpose: customer }')
const topic = (name: string, more = 'userId: u1'): string =>
  event(`type: "conversation:updated", topic: ${name}, ${more}`)
const people =
  'participants: [{ id: c, purpose: customer }, { id: d, purpose: customer, connectedTime: "2026-01-05T09:00:00Z" }]'

const passing: readonly (readonly [what: string, test: string])[] = [
  [
    'all set attributes are expected, numbers as in the file',
    `${created}, expect: { vip: true, level: 007 }`,
  ],
  ['on the given participant', `${created}, participant: p1, expect: { vip: true, level: 007 }`],
  ['by participant', `${created}, expect: { p1: { vip: "true", level: "007" } }`],
  ['an event that no rule listens to sets nothing', `${topic('customer.end')}, expect: {}`],
  [
    'an item that is not a conversation event sets nothing',
    `event: ${JSON.stringify(fixture('notification-user-presence'))}, expect: {}`,
  ],
  [
    'EventBridge',
    `event: ${JSON.stringify(fixture('eventbridge-customer-start-chat'))}, expect: { vip: true, level: 007 }`,
  ],
  [
    'an HTTP lookup with an answer',
    `${topic('attributes', 'key: k')}, answers: { crm: { k: { tier: 1.50 } } }, expect: { tier: 1.50 }`,
  ],
  [
    'a lookup without row',
    `${topic('attributes', 'key: k')}, answers: { crm: { k: null } }, expect: { tier: "" }`,
  ],
  [
    'a lookup by the result of another lookup',
    `${topic('contact', 'key: k')}, answers: { crm: { k: { tier: t } }, open: { t: { name: n } } }, expect: { name: n }`,
  ],
  [
    'the event that a mapping reads',
    'event: { note: x, call: c1 }, becomes: { type: "conversation:updated", topic: acw, participantId: null, participant: { ani: null } }, expect: { value: of the file }',
  ],
  [
    'becomes without expect, numbers as in the file, ignores the data that rules need',
    'event: { survey: { score: 7 }, call: 007, at: 1767603600000 }, becomes: { conversationId: 7, occurredAt: "2026-01-05T09:00:00Z", attributes: { score: 7 } }',
  ],
  [
    'the event of an envelope',
    `event: ${JSON.stringify(fixture('eventbridge-customer-start-chat'))}, becomes: { topic: customer.start }`,
  ],
  ['an item that a mapping ignores', 'event: { ping: 1 }, ignored: true, expect: {}'],
  [
    'an item that is not a conversation event is ignored',
    `event: ${JSON.stringify(fixture('notification-user-presence'))}, ignored: true`,
  ],
  ['an event that no rule listens to is ignored', `${topic('customer.end')}, ignored: true`],
  ['a table in a file is read', `${topic('acw')}, expect: { value: of the file }`],
  ['a target', `${topic('user.start')}, ${people}, expect: { d: { served_by: u1 }, p1: { greeted: true } }`],
  [
    'a target and the own participant, on any participant',
    `${topic('user.start')}, ${people}, expect: { served_by: u1, greeted: true }`,
  ],
  [
    'without a matching participant the other rules still set values',
    `${topic('user.start')}, participants: [], expect: { greeted: true }`,
  ],
  [
    'a participant from the API',
    `${topic('wrapup')}, participants: [{ id: p1, attributes: { tier: gold } }], expect: { tier: gold }`,
  ],
]
for (const [what, yaml] of passing) {
  test(`passes: ${what}`, async (t) => {
    const { results } = await run(t, yaml)
    for (const { problems, differences, passed } of results) {
      assert.deepEqual([problems, differences], [[], []])
      assert.ok(passed)
    }
  })
}

const unlike: readonly (readonly [what: string, test: string, problems: string[]])[] = [
  [
    'a different field',
    'event: { note: x, call: c1 }, becomes: { topic: survey, queueId: q1, conversationId: null }',
    [
      'becomes: topic: expected "survey", but it is "acw"',
      'becomes: conversationId: expected absent, but it is "c1"',
      'becomes: queueId: expected "q1", but it is absent',
    ],
  ],
  [
    'a different time',
    'event: { survey: {}, call: c1, at: 1767603600005 }, becomes: { occurredAt: 1767603600006 }',
    ['becomes: occurredAt: expected "2026-01-05T09:00:00.006Z", but it is "2026-01-05T09:00:00.005Z"'],
  ],
  [
    'an item that is not a conversation event',
    `event: ${JSON.stringify(fixture('notification-user-presence'))}, becomes: {}`,
    ['becomes: the item is not a conversation event'],
  ],
  [
    'an item that its mapping ignores',
    'event: { ping: 1 }, becomes: {}',
    ['becomes: the item is ignored by mapping "ping"'],
  ],
  [
    'an event that is not ignored',
    `${topic('acw')}, ignored: true`,
    ['ignored: the item is an event that rules listen to'],
  ],
  [
    'an item with several events',
    `event: ${JSON.stringify(fixture('notification-queue-conversation'))}, becomes: {}`,
    ['becomes: the item contains 2 events, but becomes can describe only one'],
  ],
  [
    'an item that is invalid for its mapping',
    'event: { note: x }, becomes: {}',
    [
      'event: conversationId is missing: mapping "note" reads it from ${body.call}, but the item has no value there',
    ],
  ],
]
for (const [what, yaml, expected] of unlike) {
  test(`fails: ${what}`, async (t) => {
    const { results } = await run(t, yaml)
    assert.deepEqual(
      results.map(({ problems, passed }) => [problems, passed]),
      [[expected, false]],
    )
  })
}

test('a mapping counts as used if it reads an item of a test', async (t) => {
  const { loaded, results } = await run(t, 'event: { note: x, call: c1 }, expect: {}')
  assert.deepEqual(coverageOf(loaded.compiled, results).unused, ['survey', 'ping'])
  const { loaded: again, results: ignored } = await run(t, 'event: { ping: 1 }, ignored: true')
  assert.deepEqual(coverageOf(again.compiled, ignored).unused, ['survey', 'note'])
})

const differing: readonly (readonly [what: string, test: string, differences: object[]])[] = [
  [
    'a different value',
    `${created}, expect: { vip: false, level: 007 }`,
    [{ attribute: 'vip', expected: 'false', actual: 'true' }],
  ],
  [
    'a number in another form',
    `${created}, expect: { vip: true, level: 7 }`,
    [{ attribute: 'level', expected: '7', actual: '007' }],
  ],
  [
    'a value that is not set',
    `${created}, expect: { vip: true, level: 007, more: x }`,
    [{ attribute: 'more', expected: 'x' }],
  ],
  [
    'a value that is not expected',
    `${created}, expect: { vip: true }`,
    [{ attribute: 'level', actual: '007' }],
  ],
  ['nothing expected', `${topic('acw')}, expect: {}`, [{ attribute: 'value', actual: 'of the file' }]],
  [
    'another participant',
    `${topic('acw')}, participant: p2, expect: { value: of the file }`,
    [
      { attribute: 'value', participantId: 'p2', expected: 'of the file' },
      { attribute: 'value', participantId: 'p1', actual: 'of the file' },
    ],
  ],
  [
    'one participant of two',
    `${topic('user.start')}, ${people}, participant: d, expect: { served_by: u1 }`,
    [{ attribute: 'greeted', participantId: 'p1', actual: 'true' }],
  ],
]
for (const [what, yaml, differences] of differing) {
  test(`fails: ${what}`, async (t) => {
    const { results } = await run(t, yaml)
    const [result] = results
    assert.deepEqual([result?.differences, result?.problems, result?.passed], [differences, [], false])
  })
}

const undecided: readonly (readonly [what: string, test: string, problem: RegExp])[] = [
  ['an invalid event', 'event: { type: "conversation:created" }, expect: {}', /^event: conversationId/],
  [
    'a lookup without answer, without a call',
    `${topic('attributes', 'key: k')}, expect: { tier: "" }`,
    /^lookup "crm" needs the key "k": add its row to answers, or null for no row$/,
  ],
  [
    'the answer of another key',
    `${topic('attributes', 'key: k')}, answers: { crm: { l: null } }, expect: { tier: "" }`,
    /^lookup "crm" needs the key "k"/,
  ],
  [
    'missing participants of the conversation',
    `${topic('wrapup')}, expect: {}`,
    /add them to participants, \[\] for none$/,
  ],
  [
    'a participant without a usable id',
    `${created}, participants: [{ id: a b }], expect: {}`,
    /^participants: each needs an id/,
  ],
  [
    'an answer for an unknown table',
    `${created}, answers: { crn: {} }, expect: {}`,
    /^answers: there is no lookup "crn": did you mean "crm"\?$/,
  ],
  [
    'an answer for a file table',
    `${created}, answers: { file: {} }, expect: {}`,
    /^answers: lookup "file" is read from its file/,
  ],
  [
    'an unknown column',
    `${created}, answers: { crm: { k: { teir: x } } }, expect: {}`,
    /^answers: lookup "crm" has no column "teir": did you mean "tier"\?$/,
  ],
  [
    'several values for one attribute',
    `event: ${JSON.stringify(fixture('notification-queue-conversation'))}, expect: { purpose: agent }`,
    /^expect: purpose gets different values on several participants: write participant/,
  ],
]
for (const [what, yaml, problem] of undecided) {
  test(`fails: ${what}`, async (t) => {
    const { results } = await run(t, yaml)
    assert.equal(results[0]?.passed, false)
    assert.match(results[0]?.problems.join('\n') ?? '', problem)
  })
}

test('the expectation for a snapshot is by participant', async (t) => {
  const snapshot = fixture('notification-queue-conversation') as {
    eventBody: { participants: { id: string; purpose: string }[] }
  }
  const expected = snapshot.eventBody.participants.map(({ id, purpose }) => `${id}: { purpose: ${purpose} }`)
  assert.ok(expected.length > 1)
  const { results } = await run(t, `event: ${JSON.stringify(snapshot)}, expect: { ${expected.join(', ')} }`)
  assert.deepEqual(results[0]?.differences, [])
  assert.equal(results[0]?.traces.length, expected.length)
})

test('an event without participant adds a note', async (t) => {
  const { results } = await run(
    t,
    'event: { type: "conversation:created", conversationId: c1, participant: { purpose: customer } }, expect: { vip: true, level: 007 }',
  )
  assert.equal(results[0]?.passed, true)
  assert.match(results[0]?.notes.join('') ?? '', /has no participant/)
})

test('tests are repeatable in any order', async (t) => {
  const yaml = [...passing, ...differing, ...undecided].map(([, each]) => each)
  const verdicts = async (list: string[]) => (await run(t, ...list)).results.map(({ passed }) => passed)
  assert.deepEqual(await verdicts(yaml.toReversed()), (await verdicts(yaml)).toReversed())
})

test('coverage lists rules that match in no test and attributes that no test expects', async (t) => {
  const { loaded, results } = await run(
    t,
    `${created}, expect: { vip: true }`,
    `${topic('user.start')}, participants: [], expect: { greeted: true }`,
    `${topic('acw')}, expect: { value: wrong }`,
  )
  assert.deepEqual(coverageOf(loaded.compiled, results), {
    mappings: 3,
    unused: ['survey', 'note', 'ping'],
    rules: 8,
    unmatched: ['tier', 'chain', 'on the customer', 'snapshot', 'read'],
    attributes: 9,
    unasserted: [
      { rule: 'vip', attribute: 'level' },
      { rule: 'tier', attribute: 'tier' },
      { rule: 'chain', attribute: 'name' },
      { rule: 'on the customer', attribute: 'served_by' },
      { rule: 'snapshot', attribute: 'purpose' },
      { rule: 'read', attribute: 'tier' },
    ],
  })
})

test('an attribute counts for the rule whose value is set', async (t) => {
  const { loaded, results } = await run(
    t,
    `${topic('user.start')}, ${people}, expect: { served_by: u1, greeted: true }`,
  )
  const { unasserted } = coverageOf(loaded.compiled, results)
  assert.ok(!unasserted.some(({ rule }) => rule === 'on the customer' || rule === 'own'))
})

for (const [what, text, path, message] of [
  ['an unknown key', 'testz: []\n', 'testz', /did you mean tests\?/],
  ['rules', 'tests: []\nrules: []\n', 'rules', /^belongs in the rules file/],
  ['lookups', 'tests: []\nlookups: {}\n', 'lookups', /^belongs in the rules file/],
  [
    'a mistake in a test',
    'tests:\n  - { name: a, event: {} }\n',
    'tests[0].expect',
    /must be a map of attribute names to values/,
  ],
  [
    'values beside participants',
    'tests:\n  - { name: a, event: {}, expect: { a: b, c: { d: e } } }\n',
    'tests[0].expect',
    /not both/,
  ],
  [
    'a list as value',
    'tests:\n  - { name: a, event: {}, expect: { a: [b] } }\n',
    'tests[0].expect.a',
    /must be text, a number or a boolean/,
  ],
] as const) {
  test(`a test file is rejected: ${what}`, () => {
    const parsed = parseTestsDocument(text)
    assert.ok(parsed.kind === 'ok')
    const problem = parsed.document.problems.find((each) => each.path === path)
    assert.match(problem?.message ?? JSON.stringify(parsed.document.problems), message)
  })
}

test('a test file may have a version, and an empty one is rejected', () => {
  const problemsOf = (text: string) => {
    const parsed = parseTestsDocument(text)
    return parsed.kind === 'ok' ? parsed.document.problems.map(({ message }) => message) : parsed.problems
  }
  assert.deepEqual(problemsOf('version: 1\ntests: []\n'), [])
  assert.match(problemsOf('').join(), /must be a list of tests/)
})
