import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setUpDoctor } from './harness.ts'

const rulesFile = (rules: string) => `version: 1\nrules:\n${rules}`

for (const [description, text, results] of [
  [
    'a valid file',
    rulesFile('  - { name: a, on: [acw], set: { b: c } }\n'),
    [['ok', /rules\.yaml, 1 rule$/]],
  ],
  [
    'two mistakes',
    rulesFile(
      '  - { name: a, on: [acw], set: { b: "${event.nothing}" } }\n  - { name: a, on: [acw], st: {} }\n',
    ),
    [
      ['failed', /rules\.yaml:3:\d+ rules\[0\]\.set\.b/],
      ['failed', /rules\.yaml:4:\d+ rules\[1\]/],
    ],
  ],
  [
    'a warning',
    rulesFile('  - { name: a, on: [acv], set: { b: c } }\n'),
    [
      [
        'warning',
        /rules\.yaml:3:\d+ rules\[0\]\.on\[0\] is not a topic of Genesys Cloud: did you mean acw\?$/,
      ],
    ],
  ],
  [
    'a comparison that is never true',
    rulesFile('  - { name: a, on: [acw], when: event.mediaType == "VOICE", set: { b: c } }\n'),
    [['failed', /rules\.yaml:3:\d+ rules\[0\]\.when write "voice"/]],
  ],
  ['no rules', 'version: 1\nrules: []\n', [['warning', /has no rules, so the service ignores every event$/]]],
] as const) {
  test(`rules: ${description}`, async (t) => {
    const { run, folder } = await setUpDoctor(t)
    await writeFile(join(folder, 'rules.yaml'), text)
    const found = (await run()).results.filter(({ check }) => check === 'rules')
    for (const [index, [result, finding]] of results.entries()) {
      assert.equal(found[index]?.result, result, JSON.stringify(found))
      assert.match(found[index]?.finding ?? '', finding)
    }
  })
}

test('rules: a file that does not exist', async (t) => {
  const { run } = await setUpDoctor(t)
  const { of } = await run({ environment: { RULES_FILE: '/nowhere/rules.yaml' } })
  assert.equal(of('rules').result, 'failed')
  assert.match(of('rules').finding, /^\/nowhere\/rules\.yaml: cannot be read \(ENOENT\)/)
})
