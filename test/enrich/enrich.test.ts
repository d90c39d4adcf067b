import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { compileRulesText, loadRules } from '../../src/enrich/enrich.ts'
import { temporaryFolder } from '../helpers/folder.ts'

/** Stands in the files below where the mistake is reported; it is not part of the file. */
const mark = '▸'

const rule = (rest: string) => `version: 1
rules:
  - name: first
    on: [attributes]
    ${rest}
`

/** A rules file with one mistake, and what its author is told. */
const mistakes: readonly (readonly [what: string, marked: string, path: string, message: RegExp])[] = [
  // The YAML itself
  ['a tab as indentation', 'version: 1\n▸\trules: []\n', '', /^Tabs are not allowed/],
  ['a list that is never closed', 'version: 1\nrules: [\n▸', '', /end with a \]/],
  ['a key given twice', 'version: 1\n▸version: 1\nrules: []\n', '', /^Map keys must be unique/],
  ['two documents in one file', 'version: 1\nrules: []\n▸---\nversion: 1\n', '', /multiple documents/],
  ['a value with a colon', rule('when: ▸a: b'), '', /needs quotes around it all\)$/],
  [
    'a condition that starts with a quote',
    rule('when: "a" ▸in event.attributes'),
    '',
    /needs quotes around it all\)$/,
  ],
  ['an alias without its anchor', 'version: 1\nrules: ▸*rules\n', '', /^Unresolved alias .*: rules$/],
  [
    'aliases that multiply',
    `▸version: 1
a: &a [x, x, x, x, x, x, x, x, x]
b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]
c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]
rules: [*c, *c, *c, *c, *c, *c, *c, *c, *c]
`,
    '',
    /^Excessive alias count/,
  ],
  // The file
  ['a list instead of a map', '▸- version: 1\n', '', /^must be a map with version and rules$/],
  ['a text instead of a map', '▸hello\n', '', /^must be a map with version and rules$/],
  ['no version', '▸rules: []\n', 'version', /^must be 1$/],
  ['another version', 'version: ▸2\nrules: []\n', 'version', /^must be 1$/],
  ['a version in quotes', 'version: "▸1"\nrules: []\n', 'version', /^must be 1$/],
  ['no rules', '▸version: 1\n', 'rules', /^must be a list of rules$/],
  ['rules as a map', 'version: 1\nrules: ▸{}\n', 'rules', /^must be a list of rules$/],
  [
    'an unknown key',
    'version: 1\nrules: []\nrulez: ▸[]\n',
    'rulez',
    /^is not known here: check the spelling$/,
  ],
  [
    'lookups',
    'version: 1\nlookups: ▸{}\nrules: []\n',
    'lookups',
    /^is not available in this version: remove it$/,
  ],
  ['tests', 'version: 1\nrules: []\ntests: ▸[]\n', 'tests', /^is not available in this version: remove it$/],
  // A rule
  [
    'a rule that is a text',
    'version: 1\nrules:\n  - ▸text\n',
    'rules[0]',
    /^must be a map with name, on and set$/,
  ],
  [
    'a rule without name',
    'version: 1\nrules:\n  - ▸on: [attributes]\n    set: { a: b }\n',
    'rules[0].name',
    /^must be text$/,
  ],
  [
    'an empty name',
    'version: 1\nrules:\n  - name: ▸""\n    on: [attributes]\n    set: { a: b }\n',
    'rules[0].name',
    /^must not be empty$/,
  ],
  [
    'a name used twice',
    `${rule('set: { a: b }')}  - name: ▸first\n    on: [attributes]\n    set: { a: b }\n`,
    'rules[1].name',
    /^is used twice: "first"$/,
  ],
  [
    'a rule without on',
    'version: 1\nrules:\n  - ▸name: first\n    set: { a: b }\n',
    'rules[0].on',
    /^must be a list of event types/,
  ],
  [
    'an empty on',
    'version: 1\nrules:\n  - name: first\n    on: ▸[]\n    set: { a: b }\n',
    'rules[0].on',
    /^must name at least one type or topic$/,
  ],
  [
    'an unknown event type',
    'version: 1\nrules:\n  - name: first\n    on: [attributes, ▸conversation:started]\n    set: { a: b }\n',
    'rules[0].on[1]',
    /^must be conversation:created, conversation:updated or a topic such as customer\.start$/,
  ],
  [
    'a topic in other letters',
    'version: 1\nrules:\n  - name: first\n    on:\n      - ▸Customer.Start\n    set: { a: b }\n',
    'rules[0].on[0]',
    /or a topic such as customer\.start$/,
  ],
  [
    'an unknown key of a rule',
    rule('wen: ▸a\n    set: { a: b }'),
    'rules[0].wen',
    /^is not known here: check the spelling$/,
  ],
  [
    'an unknown priority',
    rule('priority: ▸urgent\n    set: { a: b }'),
    'rules[0].priority',
    /^must be high, normal or low$/,
  ],
  [
    'a target other than event',
    rule('target: ▸candidate.purpose == "customer"\n    set: { a: b }'),
    'rules[0].target',
    /^must be event, .*not available in this version$/,
  ],
  [
    'no set',
    'version: 1\nrules:\n  - ▸name: first\n    on: [attributes]\n',
    'rules[0].set',
    /^must be a map of attribute names to values$/,
  ],
  ['an empty set', rule('set: ▸{}'), 'rules[0].set', /^must set at least one attribute$/],
  ['a set that is a list', rule('set: ▸[a]'), 'rules[0].set', /^must be a map of attribute names to values$/],
  [
    'an attribute without value',
    rule('set:\n      tier:▸'),
    'rules[0].set.tier',
    /^must be text, a number or a boolean; "" blanks/,
  ],
  [
    'an attribute that is a list',
    rule('set:\n      tier: ▸[gold]'),
    'rules[0].set.tier',
    /^must be text, a number or a boolean/,
  ],
  ['an attribute without a name', rule('set:\n      "": ▸x'), 'rules[0].set.', /^an attribute needs a name$/],
  // Conditions
  ['an empty condition', rule('when: ▸""\n    set: { a: b }'), 'rules[0].when', /^must not be empty$/],
  [
    'a condition that is a number',
    rule('when: ▸5\n    set: { a: b }'),
    'rules[0].when',
    /^must be a CEL condition$/,
  ],
  [
    '= for ==',
    rule('when: participant.purpose ▸= "x"\n    set: { a: b }'),
    'rules[0].when',
    /^Unexpected character: =$/,
  ],
  [
    'an unfinished condition',
    rule('when: event.id ==▸\n    set: { a: b }'),
    'rules[0].when',
    /^Unexpected token: EOF$/,
  ],
  [
    'an unknown variable',
    rule('when: event.id == "x" && ▸partisipant.purpose == "x"\n    set: { a: b }'),
    'rules[0].when',
    /^Unknown variable: partisipant$/,
  ],
  [
    'the environment',
    rule('when: ▸env.HOME == "x"\n    set: { a: b }'),
    'rules[0].when',
    /^Unknown variable: env$/,
  ],
  [
    'an unknown field',
    rule('when: event.▸kind == "x"\n    set: { a: b }'),
    'rules[0].when',
    /^No such key: kind$/,
  ],
  [
    'a condition that gives a text',
    rule('when: ▸participant.purpose\n    set: { a: b }'),
    'rules[0].when',
    /^a condition must give true or false, but this gives string$/,
  ],
  [
    'a text compared with a number',
    rule('when: ▸event.id == 5\n    set: { a: b }'),
    'rules[0].when',
    /no such overload: string == int/,
  ],
  [
    'matches()',
    rule("when: participant.address.▸matches('(a+)+')\n    set: { a: b }"),
    'rules[0].when',
    /^matches\(\) is not available: its run time has no bound/,
  ],
  [
    'lookup()',
    rule('when: ▸lookup("a", "b").c == "x"\n    set: { a: b }'),
    'rules[0].when',
    /'lookup\(string, string\)'/,
  ],
  [
    'a mistake inside quotes',
    rule('when: \'"a" in ▸evnt.attributes\'\n    set: { a: b }'),
    'rules[0].when',
    /^Unknown variable: evnt$/,
  ],
  // Values
  [
    'an expression that is never closed',
    rule('set:\n      tier: a ▸${event.id'),
    'rules[0].set.tier',
    /^\$\{ is never closed by \}/,
  ],
  ['an empty expression', rule('set:\n      tier: ${▸}'), 'rules[0].set.tier', /^Unexpected token: EOF$/],
  [
    'an unknown field in a value',
    rule('set:\n      tier: gold ${event.▸kind} x'),
    'rules[0].set.tier',
    /^No such key: kind$/,
  ],
  [
    'the second expression of a value',
    rule("set:\n      tier: '${event.id} ${▸evnt.id}'"),
    'rules[0].set.tier',
    /^Unknown variable: evnt$/,
  ],
  [
    'an expression that gives a list',
    rule('set:\n      tier: ${▸[1]}'),
    'rules[0].set.tier',
    /^an attribute value is text, but this gives list<int>$/,
  ],
  [
    'an expression that gives a map',
    rule('set:\n      tier: ${▸event.attributes}'),
    'rules[0].set.tier',
    /^an attribute value is text, but this gives map<string, string>$/,
  ],
  [
    'matches() in a value',
    rule('set:\n      tier: ${event.id.▸matches("a")}'),
    'rules[0].set.tier',
    /^matches\(\) is not available/,
  ],
  [
    'a mistake in a folded value, at its start',
    rule('set:\n      tier: ▸>-\n        gold\n        ${evnt.id}'),
    'rules[0].set.tier',
    /^Unknown variable: evnt$/,
  ],
]

const problemsOf = (text: string): readonly string[] => {
  const result = compileRulesText(text, 'rules.yaml')
  assert.ok(result.kind === 'invalid', 'was accepted')
  return result.problems
}

for (const [what, marked, path, message] of mistakes) {
  test(`${what} is reported with line, column and the line itself`, () => {
    const before = marked.slice(0, marked.indexOf(mark)).split('\n')
    const text = marked.replace(mark, '')
    const line = before.length
    const column = (before.at(-1) ?? '').length + 1
    const [problem = '', ...others] = problemsOf(text)
    assert.deepEqual(others, [])
    const [headline = '', source, caret] = problem.split('\n')
    const place = `rules.yaml:${line}:${column} ${path === '' ? '' : `${path} `}`
    assert.equal(headline.slice(0, place.length), place, headline)
    assert.match(headline.slice(place.length), message)
    assert.equal(source, `    ${text.split('\n')[line - 1]?.trimEnd()}`)
    assert.equal(caret, `    ${' '.repeat(column - 1)}^`)
  })
}

test('there are at least 25 mistakes in the table, and each has its mark', () => {
  assert.ok(mistakes.length >= 25)
  for (const [what, marked] of mistakes) assert.equal(marked.split(mark).length, 2, what)
})

test('all mistakes of a file are reported, in one go', () => {
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

// Once a rule that lacked a key was reported at the word `rules`, whichever rule it was.
test('regression: what a rule lacks is reported at that rule', () => {
  const [problem] = problemsOf(`${rule('set: { a: b }')}  - name: second\n    on: [attributes]\n`)
  assert.match(problem ?? '', /^rules\.yaml:6:5 rules\[1\]\.set /)
})

test('an empty file and a file of comments lack everything, at their start', () => {
  for (const text of ['', '\n\n', '# nothing yet\n']) {
    const problems = problemsOf(text)
    assert.equal(problems.length, 2)
    for (const problem of problems) assert.match(problem, /^rules\.yaml:1:1 /)
  }
})

test('a file with Windows line ends is read, and its mistakes shown without them', () => {
  const [problem] = problemsOf(rule('priority: urgent\n    set: { a: b }').replaceAll('\n', '\r\n'))
  assert.match(problem ?? '', /^rules\.yaml:5:15 rules\[0\]\.priority/)
  assert.ok(!problem?.includes('\r'))
})

test('JSON is YAML', () => {
  const result = compileRulesText(
    JSON.stringify({ version: 1, rules: [{ name: 'a', on: ['acw'], when: true, set: { x: 1 } }] }),
    'rules.json',
  )
  assert.ok(result.kind === 'ok')
  assert.deepEqual(result.ruleNames, ['a'])
})

test('a file is loaded by its path, which its problems name', async (t) => {
  const file = join(await temporaryFolder(t), 'rules.yaml')
  await writeFile(file, rule('set: { a: b }'))
  const good = await loadRules(file)
  assert.ok(good.kind === 'ok')
  assert.deepEqual(good.ruleNames, ['first'])
  await writeFile(file, 'version: 2\nrules: []\n')
  const bad = await loadRules(file)
  assert.ok(bad.kind === 'invalid')
  assert.ok(bad.problems[0]?.startsWith(`${file}:1:10 version must be 1`))
})

test('a file that cannot be read is a problem, not an exception', async (t) => {
  const folder = await temporaryFolder(t)
  for (const [file, code] of [
    [join(folder, 'missing.yaml'), 'ENOENT'],
    [folder, 'EISDIR'],
  ] as const) {
    assert.deepEqual(await loadRules(file), {
      kind: 'invalid',
      problems: [`${file}: cannot be read (${code}): check RULES_FILE`],
    })
  }
})

test('the example rules are valid', async () => {
  const result = await loadRules(fileURLToPath(new URL('../../examples/rules.yaml', import.meta.url)))
  assert.deepEqual(result.kind === 'invalid' ? result.problems : [], [])
})

test('property: no text makes the compiler throw, and every problem has a place', () => {
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
    { numRuns: 1_500 },
  )
})
