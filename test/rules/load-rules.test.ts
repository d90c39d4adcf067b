import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { compileRulesText, loadRules } from '../../src/rules/load-rules.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { rounds } from '../helpers/rounds.ts'

const rule = (rest: string) => `version: 1
rules:
  - name: first
    on: [attributes]
    ${rest}
`

/** The problems that the author of a rules file sees. */
const problemsOf = (text: string): readonly string[] => {
  const result = compileRulesText(text, 'rules.yaml')
  assert.ok(result.kind === 'invalid', 'was accepted')
  return result.problems
}

test('all mistakes of a file are reported at once', () => {
  const shape = problemsOf(
    'version: 2\nrules:\n  - { name: a }\n  - { name: b, on: [], set: {} }\nextra: 1\n',
  )
  assert.deepEqual(
    shape.map((problem) => problem.split(' ')[1]),
    ['version', 'rules[0].on', 'rules[0].set', 'rules[1].on', 'rules[1].set', 'extra'],
  )
  const expressions = problemsOf(`version: 1
rules:
  - { name: a, on: [acw], when: evnt.id, set: { x: "\${evnt.id}", y: "\${evnt.id}" } }
  - { name: b, on: [acw], when: evnt.id, set: { x: y } }
`)
  assert.deepEqual(
    expressions.map((problem) => problem.split(' ')[1]),
    ['rules[0].when', 'rules[0].set.x', 'rules[0].set.y', 'rules[1].when'],
  )
})

// Earlier, a missing key of any rule was reported at the key `rules`.
test('regression: a missing key is reported at its rule', () => {
  const [problem] = problemsOf(`${rule('set: { a: b }')}  - name: second\n    on: [attributes]\n`)
  assert.match(problem ?? '', /^rules\.yaml:6:5 rules\[1\]\.set /)
})

test('for an empty file and a file of comments, missing keys are reported at the start', () => {
  for (const text of ['', '\n\n', '# nothing yet\n']) {
    const problems = problemsOf(text)
    assert.equal(problems.length, 2)
    for (const problem of problems) assert.match(problem, /^rules\.yaml:1:1 /)
  }
})

test('a file with Windows line ends is valid, and problems show its lines without them', () => {
  const [problem] = problemsOf(rule('priority: urgent\n    set: { a: b }').replaceAll('\n', '\r\n'))
  assert.match(problem ?? '', /^rules\.yaml:5:15 rules\[0\]\.priority/)
  assert.ok(!problem?.includes('\r'))
})

test('a rules file may be JSON', () => {
  const result = compileRulesText(
    JSON.stringify({ version: 1, rules: [{ name: 'a', on: ['acw'], when: true, set: { x: 1 } }] }),
    'rules.json',
  )
  assert.ok(result.kind === 'ok')
  assert.deepEqual(result.rules.names, ['a'])
})

test('problems name the path of the file', async (t) => {
  const file = join(await temporaryFolder(t), 'rules.yaml')
  await writeFile(file, rule('set: { a: b }'))
  const good = await loadRules(file)
  assert.ok(good.kind === 'ok')
  assert.deepEqual(good.rules.names, ['first'])
  await writeFile(file, 'version: 2\nrules: []\n')
  const bad = await loadRules(file)
  assert.ok(bad.kind === 'invalid')
  assert.ok(bad.problems[0]?.startsWith(`${file}:1:10 version must be 1`))
})

test('an unreadable file is reported as a problem, without an exception', async (t) => {
  const folder = await temporaryFolder(t)
  for (const [file, why] of [
    [join(folder, 'missing.yaml'), '(ENOENT): there is no such file'],
    [folder, '(EISDIR): it is a folder'],
  ] as const) {
    assert.deepEqual(await loadRules(file), {
      kind: 'invalid',
      problems: [`${file}: cannot be read ${why}. Check RULES_FILE, or the name in the command`],
    })
  }
})

test('the example rules are valid', async () => {
  const result = await loadRules(fileURLToPath(new URL('../../examples/rules.yaml', import.meta.url)))
  assert.deepEqual(result.kind === 'invalid' ? result.problems : [], [])
})

test('property: the compiler never throws, and every problem has a position', () => {
  const pieces = fc.constantFrom(
    ...[
      'version: 1\n',
      'rules:\n',
      '  - name: a\n',
      '    on: [acw]\n',
      '    when: ',
      '    set:\n',
      '      a: ',
    ],
    ...[
      '${',
      '}',
      'event.id',
      '"',
      "'",
      '&a ',
      '*a',
      '<<: ',
      '!!binary x',
      '!x ',
      '{',
      '[',
      ']',
      ': ',
      '\n',
      '\t',
    ],
    ...[
      '|\n',
      '>-\n',
      '---\n',
      '? ',
      '- ',
      '# ',
      'null',
      '.inf',
      '0x1F',
      '__proto__: 1\n',
      '\u0000',
      '%YAML 1.1\n',
    ],
  )
  const text = fc.array(fc.oneof({ weight: 6, arbitrary: pieces }, fc.string({ maxLength: 8 })), {
    maxLength: 25,
  })
  fc.assert(
    fc.property(text, (parts) => {
      const result = compileRulesText(parts.join(''), 'r')
      if (result.kind === 'ok') return
      assert.ok(result.problems.length > 0)
      for (const problem of result.problems) assert.match(problem, /^r:[1-9]\d*:[1-9]\d* ./)
    }),
    { numRuns: rounds(450) },
  )
})

test('regression: an attribute named __proto__, and one written as a number and as text, are reported', () => {
  assert.match(
    problemsOf(rule('set: { "__proto__": x, c: d }')).join('\n'),
    /rules\[0\]\.set\.__proto__ is not a valid attribute name/,
  )
  assert.match(problemsOf(rule('set: { 5: x, "5": b }')).join('\n'), /5/)
})

test('regression: a lookup with a mistake is reported once, not where it is used', () => {
  const problems = problemsOf(
    `version: 1\nlookups: { crm: { url: 'https://crm.example.com/' } }\nrules: [{ name: a, on: [acw], when: 'lookup("crm", event.id).x != ""', set: { x: y } }]\n`,
  )
  assert.equal(problems.length, 1)
  assert.match(problems[0] ?? '', /lookups\.crm\.url/)
})

test('a byte order mark is ignored', async (t) => {
  const file = join(await temporaryFolder(t), 'rules.yaml')
  await writeFile(file, '\uFEFFversion: 2\nrules: []\n')
  const result = await loadRules(file)
  assert.match(
    result.kind === 'invalid' ? (result.problems[0] ?? '') : '',
    /rules\.yaml:1:10 version must be 1/,
  )
})

test('regression: a name that is an object with a length is a mistake, not an exception', () => {
  const problems = problemsOf(
    'version: 1\nrules: [{ name: { length: { toString: 1 } }, on: [acw], set: { a: b } }]\n',
  )
  assert.match(problems[0] ?? '', /^rules\.yaml:2:\d+ rules\[0\]/)
})
