import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../helpers/wait.ts'
import { inFolder } from './harness.ts'

const event =
  '{ type: conversation:created, conversationId: c1, participantId: p1, participant: { purpose: agent } }'
const fileWith = (expected: string) => `version: 1
rules:
  - name: vip
    on: [conversation:created]
    when: participant.purpose == "customer"
    set: { vip: true }
  - name: source
    on: [conversation:created]
    set: { source: enricher, note: a }
tests:
  - name: an agent
    event: ${event}
    expect: ${expected}
`
const passing = fileWith('{ source: enricher, note: a }')
const failing = fileWith('{ vip: true, source: relay, note: a }')

test('passed tests print one line each: exit code 0', async (t) => {
  const { rules } = await inFolder(t, { 'rules.yaml': passing })
  assert.deepEqual(await rules(['test']), {
    code: 0,
    stdout: './rules.yaml\n  ✔ an agent\n\n1 test passed.\n',
    stderr: '',
  })
})

test('a failed test prints the differences and the reason for each rule: exit code 1', async (t) => {
  const { rules } = await inFolder(t, { 'rules.yaml': failing })
  assert.deepEqual(await rules(['test', 'rules.yaml']), {
    code: 1,
    stdout: `rules.yaml
  ✖ an agent
      rules.yaml:11:11
      vip: expected "true", but it is not set
      source: expected "relay", but rule "source" sets "enricher"
        rule "vip": not matched: participant.purpose == "customer" is false
        rule "source": matched, sets source, note

1 of 1 test failed.
`,
    stderr: '',
  })
})

test('the tests of the test file run after those of the rules file', async (t) => {
  const { rules } = await inFolder(t, {
    'vip.yml': passing,
    'vip.test.yaml': `tests:\n  - name: beside\n    event: ${event}\n    expect: {}\n`,
  })
  const { code, stdout } = await rules(['test', 'vip.yml'])
  assert.equal(code, 1)
  assert.match(
    stdout,
    /^vip\.yml\n {2}✔ an agent\n\nvip\.test\.yaml\n {2}✖ beside\n {6}vip\.test\.yaml:2:11\n/,
  )
  assert.match(stdout, /1 of 2 tests failed\.\n$/)
})

test('a mistake in the test file is printed with its line: exit code 2', async (t) => {
  const { rules } = await inFolder(t, { 'rules.yaml': passing, 'rules.test.yaml': 'tests:\n  - name: a\n' })
  const { code, stderr } = await rules(['test'])
  assert.equal(code, 2)
  assert.match(stderr, /rules\.test\.yaml:2:\d+ tests\[0\]\.expect/)
})

test('the message for a file without tests says where to add them: exit code 0', async (t) => {
  const { rules } = await inFolder(t, { 'rules.yaml': 'version: 1\nrules: []\n' })
  const { code, stdout } = await rules(['test', 'rules.yaml'])
  assert.deepEqual(
    [code, stdout],
    [0, 'rules.yaml has no tests: add them under "tests:" in this file or in rules.test.yaml\n'],
  )
  assert.equal(
    (await rules(['test', '--reporter', 'tap'])).stdout,
    'TAP version 14\n1..0\n# 0 tests passed.\n',
  )
})

test('--reporter tap prints TAP version 14', async (t) => {
  const { rules } = await inFolder(t, { 'rules.yaml': failing.replace('an agent', `'an "agent" #1 \\ a'`) })
  const { code, stdout } = await rules(['test', 'rules.yaml', '--reporter', 'tap', '--coverage'])
  assert.equal(code, 1)
  assert.equal(
    stdout,
    `TAP version 14
1..1
not ok 1 - an "agent" \\#1 \\\\ a
  ---
  at: "rules.yaml:11:12"
  failures:
    - "vip: expected \\"true\\", but it is not set"
    - "source: expected \\"relay\\", but rule \\"source\\" sets \\"enricher\\""
  reasons:
    - "rule \\"vip\\": not matched: participant.purpose == \\"customer\\" is false"
    - "rule \\"source\\": matched, sets source, note"
  ...
# 1 of 1 test failed.
# Coverage: 1 of 2 rules matched, 2 of 3 attributes expected by a test.
# rule "vip": matched by no test
`,
  )
})

test('--coverage lists rules and attributes that no test covers', async (t) => {
  const { rules } = await inFolder(t, { 'rules.yaml': fileWith('{ source: enricher }') })
  const { stdout } = await rules(['test', '--coverage'])
  assert.match(
    stdout,
    /\nCoverage: 1 of 2 rules matched, 1 of 3 attributes expected by a test\.\n {2}rule "vip": matched by no test\n {2}rule "source", attribute note: expected by no test\n$/,
  )
})

test('an unknown reporter: exit code 2', async (t) => {
  const { rules } = await inFolder(t, { 'rules.yaml': passing })
  assert.equal((await rules(['test', '--reporter', 'xml'])).code, 2)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`--watch reruns the tests when a file changes, and exits with 0 on ${signal}`, async (t) => {
    const { startInHost, write } = await inFolder(t, { 'rules.yaml': passing })
    const { output, kill, ended } = startInHost(['test', '--watch'])
    let seen = 0
    const shows = (expected: RegExp) =>
      until(`${expected} in the output`, () => expected.test(output().slice(seen)))
    await shows(/✔ an agent[\s\S]*Waiting for changes/)
    await write('rules.yaml', failing)
    await shows(/✖ an agent[\s\S]*Waiting for changes/)
    await write('rules.yaml', 'version: 2\nrules: []\n')
    await shows(/rules\.yaml is not valid\n {2}- .*version must be 1/)
    seen = output().length
    await write('rules.yaml', passing)
    await write('rules.test.yaml', 'tests: []\n')
    await shows(/1 test passed\.[\s\S]*Waiting for changes/)
    kill(signal)
    assert.equal((await ended).code, 0)
  })
}

test('--watch reruns the tests when a table changes', async (t) => {
  const { startInHost, write } = await inFolder(t, {
    'rules.yaml': `version: 1
lookups:
  tiers: { file: tiers.csv, key: key }
rules:
  - { name: one, on: "*", set: { tier: '\${lookup("tiers", "k").tier}' } }
tests:
  - { name: gold, event: ${event}, expect: { tier: gold } }
`,
    'tiers.csv': 'key,tier\nk,silver\n',
  })
  const { output, kill, ended } = startInHost(['test', '--watch'])
  await until('the test fails', () => /✖ gold[\s\S]*Waiting/.test(output()))
  await write('tiers.csv', 'key,tier\nk,gold\n')
  await until('the test passes', () => output().includes('✔ gold'))
  kill('SIGINT')
  await ended
})
