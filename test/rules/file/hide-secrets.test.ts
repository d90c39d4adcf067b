import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hideSecrets } from '../../../src/rules/file/hide-secrets.ts'
import { compileRulesText } from '../../../src/rules/load-rules.ts'

const rules = `# comment
version: 1
lookups:
  crm:
    url: https://crm.example.com/customers/{key}?token=hush-url
    headers:
      x-key: hush-plain
      authorization: &auth "Bearer hush-quoted"
      x-copy: *auth
      x-block: |
        hush-block
      x-file: { file: ./secret.txt }
  flow: { url: "https://other.example.com/hush-flow/{key}", headers: { x-key: hush-flow-header } }
  tiers: { file: ./tiers.csv, key: phone }
rules:
  - name: tag
    on: [conversation:created]
    set: { tier: gold }
`

test('URLs and headers of HTTP lookups are hidden, and nothing else changes', () => {
  const shown = hideSecrets(rules)
  assert.doesNotMatch(shown, /hush/)
  const changed = rules.split('\n').filter((line) => !shown.split('\n').includes(line))
  for (const line of changed) assert.match(line, /hush|x-block/, line)
  for (const kept of [
    '# comment',
    'x-file: { file: ./secret.txt }',
    'tiers: { file: ./tiers.csv, key: phone }',
    'tier: gold',
  ])
    assert.ok(shown.includes(kept), kept)
})

test('the shown text is a valid rules file', () => {
  const result = compileRulesText(hideSecrets(rules.replace(/ +x-block: \|\n.*\n/, '')), 'rules.yaml')
  assert.deepEqual(result.kind === 'invalid' ? result.problems : [], [])
})

test('a file without HTTP lookups stays as it is', () => {
  const text = 'version: 1\nrules: []\n'
  assert.equal(hideSecrets(text), text)
})
