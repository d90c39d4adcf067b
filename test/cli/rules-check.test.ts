import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inFolder } from './harness.ts'

const validRules = `version: 1
lookups:
  tiers: { file: tiers.csv, key: phone }
rules:
  - name: known caller
    on: [conversation:created]
    set: { tier: '\${lookup("tiers", participant.address).tier}' }
`
const table = 'phone,tier\ntel:+1,gold\n'

test('a valid file prints one summary line, with singular nouns for one', async (t) => {
  const { rules } = await inFolder(t, { 'rules.yaml': validRules, 'tiers.csv': table })
  assert.deepEqual(await rules(['check', 'rules.yaml']), {
    code: 0,
    stdout: 'rules.yaml is valid: 1 rule (known caller), 0 tests, 1 table (tiers: 1 row)\n',
    stderr: '',
  })
})

test('the summary counts the tests of the test file and uses plural nouns', async (t) => {
  const { rules } = await inFolder(t, {
    'a.yaml': `version: 1
lookups:
  tiers: { file: tiers.csv, key: phone }
  crm: { url: "https://crm.example.com/{key}" }
rules:
  - { name: one, on: acw, set: { a: '\${lookup("tiers", event.id).tier}' } }
  - { name: two, on: acw, set: { b: '\${lookup("crm", event.id).tier}' } }
tests:
  - { name: first, event: {}, expect: {} }
`,
    'a.test.yaml': 'tests:\n  - { name: second, event: {}, expect: {} }\n',
    'tiers.csv': `${table}${Array.from({ length: 1_203 }, (_, n) => `${n},silver\n`).join('')}`,
  })
  const { stdout } = await rules(['check', 'a.yaml'])
  assert.equal(
    stdout,
    'a.yaml is valid: 2 rules (one, two), 2 tests, 2 tables (tiers: 1,204 rows, crm: over HTTP)\n',
  )
})

test('the default file is RULES_FILE of the environment or .env, else ./rules.yaml', async (t) => {
  const { rules, write } = await inFolder(t, {
    'rules.yaml': validRules,
    'other.yaml': validRules,
    'tiers.csv': table,
  })
  assert.match((await rules(['check'])).stdout, /^\.\/rules\.yaml is valid/)
  assert.match(
    (await rules(['check'], { env: { RULES_FILE: 'other.yaml' } })).stdout,
    /^other\.yaml is valid/,
  )
  await write('.env', 'RULES_FILE=other.yaml\n')
  assert.match((await rules(['check'])).stdout, /^other\.yaml is valid/)
})

test('all mistakes are printed with file, line and column: exit code 2', async (t) => {
  const { rules } = await inFolder(t, {
    'rules.yaml': `${validRules.replace('address', 'adress')}  - { name: two, on: [acw], wen: true, set: { a: b } }\n`,
    'tiers.csv': table,
  })
  const { code, stdout, stderr } = await rules(['check', 'rules.yaml'])
  assert.equal(code, 2)
  assert.equal(stdout, '')
  assert.match(
    stderr,
    /^rules\.yaml is not valid\n {2}- rules\.yaml:7:.* rules\[0\]\.set\.tier .*did you mean "address"\?/,
  )
  assert.match(stderr, /^ {2}- rules\.yaml:8:.* rules\[1\]\.wen is not a known field: did you mean when\?/m)
})

test('an unreadable table is a mistake', async (t) => {
  const { rules } = await inFolder(t, { 'rules.yaml': validRules })
  const { code, stderr } = await rules(['check', 'rules.yaml'])
  assert.equal(code, 2)
  assert.match(stderr, /rules\.yaml:3:18 lookups\.tiers\.file tiers\.csv cannot be read \(ENOENT\)/)
})

for (const [description, text] of [
  ['an empty file', ''],
  ['a file of comments', '# rules\n\n  # to be written\n'],
] as const) {
  test(`the message for ${description} shows how to start a rules file`, async (t) => {
    const { rules } = await inFolder(t, { 'rules.yaml': text })
    const { code, stderr } = await rules(['check', 'rules.yaml'])
    assert.equal(code, 2)
    assert.match(stderr, /^rules\.yaml is empty\n {2}- start it with "version: 1"/)
  })
}

test('a file without rules is valid, and the summary says that no attribute is set', async (t) => {
  const { rules } = await inFolder(t, { 'rules.yaml': 'version: 1\nrules: []\n' })
  const { code, stdout } = await rules(['check', 'rules.yaml'])
  assert.deepEqual([code, stdout], [0, 'rules.yaml is valid: 0 rules (no attribute is ever set), 0 tests\n'])
})

test('a missing file and an unknown option: exit code 2', async (t) => {
  const { rules } = await inFolder(t, {})
  const { code, stderr } = await rules(['check', 'none.yaml'])
  assert.equal(code, 2)
  assert.match(stderr, /none\.yaml: cannot be read \(ENOENT\)/)
  assert.equal((await rules(['check', '--lenient'])).code, 2)
})

const rulesWithWarning = 'version: 1\nrules:\n  - { name: one, on: [customer.strat], set: { a: b } }\n'

test('warnings follow the summary with their line in the file; --strict makes them failures', async (t) => {
  const { rules } = await inFolder(t, { 'rules.yaml': rulesWithWarning })
  const { code, stdout, stderr } = await rules(['check', 'rules.yaml'])
  assert.deepEqual([code, stdout], [0, 'rules.yaml is valid: 1 rule (one), 0 tests\n'])
  assert.equal(
    stderr,
    `1 warning:
  - rules.yaml:3:23 rules[0].on[0] is not a topic of Genesys Cloud: did you mean customer.start?
      - { name: one, on: [customer.strat], set: { a: b } }
                          ^
`,
  )
  assert.equal((await rules(['check', '--strict', 'rules.yaml'])).code, 1)
})

test('a comparison with an upper-case value is a mistake with line, column and fix: exit code 1', async (t) => {
  const { rules } = await inFolder(t, {
    'rules.yaml': `version: 1
rules:
  - name: phone
    on: [acv]
    when: event.mediaType == "VOICE"
    set: { a: b }
`,
  })
  assert.deepEqual(await rules(['check', 'rules.yaml']), {
    code: 1,
    stdout: 'rules.yaml loads with mistakes: 1 rule (phone), 0 tests\n',
    stderr: `1 mistake:
  - rules.yaml:5:30 rules[0].when write "voice": event values are always lower case
        when: event.mediaType == "VOICE"
                                 ^
1 warning:
  - rules.yaml:4:10 rules[0].on[0] is not a topic of Genesys Cloud: did you mean acw?
        on: [acv]
             ^
`,
  })
})

test('a file without warnings passes --strict', async (t) => {
  const { rules } = await inFolder(t, { 'rules.yaml': validRules, 'tiers.csv': table })
  assert.equal((await rules(['check', '--strict', 'rules.yaml'])).code, 0)
})

test('the test file is checked too', async (t) => {
  const { rules } = await inFolder(t, {
    'rules.yaml': validRules,
    'tiers.csv': table,
    'rules.test.yaml': 'tests:\n  - { name: one, evnt: {}, expect: {} }\nrules: []\n',
  })
  const { code, stderr } = await rules(['check', 'rules.yaml'])
  assert.equal(code, 2)
  assert.match(stderr, /^rules\.test\.yaml is not valid\n/)
  assert.match(stderr, /rules\.test\.yaml:2:\d+ tests\[0\]\.evnt is not a known field: did you mean event\?/)
  assert.match(stderr, /rules\.test\.yaml:3:\d+ rules belongs in the rules file/)
})

test('the message for a test file asks for its rules file', async (t) => {
  const { rules } = await inFolder(t, { 'rules.test.yaml': 'tests: []\n' })
  const { code, stderr } = await rules(['check', 'rules.test.yaml'])
  assert.equal(code, 2)
  assert.match(stderr, /rules\.test\.yaml looks like a test file: name the rules file instead/)
})
