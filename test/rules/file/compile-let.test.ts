import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileRules } from '../../../src/rules/file/compile.ts'
import { parseRulesDocument } from '../../../src/rules/file/document.ts'

/** Marks the expected position of the mistake in the files below. It is not part of the file. */
const mark = '▸'

const inFile = (names: string): string => `version: 1
lookups: { tiers: { url: "https://crm.example.com/{key}", columns: { tier: tier } } }
let:
  ${names}
rules:
  - { name: a, on: "*", set: { a: b } }
`

/** `more`: further lines of the rule with the names. */
const inRule = (names: string, more = 'set: { a: b }'): string => `version: 1
lookups: { tiers: { url: "https://crm.example.com/{key}", columns: { tier: tier } } }
let: { shared: event.id }
rules:
  - name: a
    on: "*"
    let:
      ${names}
    ${more}
  - { name: b, on: "*", let: { foreign: event.id }, set: { a: "\${foreign}" } }
`

const inMapping = (when: string): string => `version: 1
let: { shared: event.id }
mappings:
  - { name: m, when: ${when}, type: conversation:created, conversationId: "\${body.id}" }
rules:
  - { name: a, on: "*", let: { own: event.id }, set: { a: b } }
`

const cases: readonly (readonly [what: string, marked: string, path: string, message: string])[] = [
  ['an unknown variable', inFile('a: ▸evnt.id'), 'let.a', 'there is no variable "evnt": did you mean event?'],
  [
    'a misspelled name',
    inRule('caller: event.id', 'set: { a: "${▸caler}" }'),
    'rules[0].set.a',
    'there is no variable "caler": did you mean caller?',
  ],
  [
    'a misspelled name in when',
    inRule('caller: event.id', 'when: ▸shard == "x"\n    set: { a: b }'),
    'rules[0].when',
    'there is no variable "shard": did you mean shared?',
  ],
  [
    'an unknown name',
    inRule('caller: event.id', 'set: { a: "${▸x}" }'),
    'rules[0].set.a',
    'there is no variable "x": the variables are event, participant, shared and caller; put a text between quotes',
  ],
  ['a later name', inFile('a: ▸b + "x"\n  b: event.id'), 'let.a', 'b comes after a in let: move it before a'],
  ['the name itself', inFile('a: size(▸a)'), 'let.a', 'a cannot use itself'],
  [
    'a cycle',
    inFile('a: ▸b + "x"\n  b: size("x" + a) > 0'),
    'let.a',
    'a and b use each other: write one of them without the other',
  ],
  [
    'a name of another rule',
    inRule('caller: ▸foreign'),
    'rules[0].let.caller',
    'foreign is a name of the rule "b": move it to let of the file for other rules',
  ],
  [
    'a name in a mapping',
    inMapping('▸shared == "x"'),
    'mappings[0].when',
    'shared is a name of let, which only rules can read: write the expression out with body',
  ],
  [
    'a name of a rule in a mapping',
    inMapping('▸own == "x"'),
    'mappings[0].when',
    'own is a name of let, which only rules can read: write the expression out with body',
  ],
  [
    'candidate',
    inRule('c: ▸candidate.id'),
    'rules[0].let.c',
    'candidate exists only in target, which selects a participant',
  ],
  ...['event', 'participant', 'candidate', 'body', 'map', 'cel', 'regex'].map(
    (name) =>
      [
        `the variable ${name}`,
        inFile(`▸${name}: event.id`),
        `let.${name}`,
        'is already a variable: choose another name',
      ] as const,
  ),
  ...['lookup', 'default', 'has', 'string', 'size', 'e164', 'weekday'].map(
    (name) =>
      [
        `the function ${name}`,
        inRule(`▸${name}: event.id`),
        `rules[0].let.${name}`,
        'is already a function: choose another name',
      ] as const,
  ),
  [
    'a name of the file',
    inRule('▸shared: event.id'),
    'rules[0].let.shared',
    'is already a name in the let of the file: choose another name',
  ],
  [
    'a loop variable',
    inRule('caller: event.id', 'when: \'["x"].exists(▸caller, caller == "x")\'\n    set: { a: b }'),
    'rules[0].when',
    'caller is already a variable: choose another name, such as x',
  ],
  ...['my-name', '1st', '_a', '"a b"'].map(
    (name) =>
      [
        `the name ${name}`,
        inFile(`▸${name}: event.id`),
        `let.${name.replaceAll('"', '')}`,
        name === '__proto__'
          ? 'is not a valid name'
          : 'is not a valid name: begin with a letter, then use letters, digits and _',
      ] as const,
  ),
  ['a reserved word', inFile('▸in: event.id'), 'let.in', 'is a reserved word of CEL: choose another name'],
  ['a duplicate name', inFile('a: event.id\n  ▸a: event.id'), '', 'duplicate key: remove one of the two'],
  [
    'a name without expression',
    inFile('a:▸'),
    'let.a',
    'must be a CEL expression such as lookup("tiers", participant.address)',
  ],
  ['an empty expression', inFile('a: ▸""'), 'let.a', 'must not be empty'],
  [
    'braces around an expression',
    inFile('a: ▸${event.id}'),
    'let.a',
    'remove ${ }: this is already an expression',
  ],
  [
    'a list',
    inFile('a: ▸[event.id]'),
    'let.a',
    'must be a CEL expression such as lookup("tiers", participant.address)',
  ],
  [
    'an unknown lookup table',
    inFile('a: lookup(▸"teirs", event.id)'),
    'let.a',
    'there is no lookup table "teirs": did you mean "tiers"?',
  ],
  [
    'an unknown column of a row',
    inRule('row: lookup("tiers", event.id)', 'when: row.▸teir == "x"\n    set: { a: b }'),
    'rules[0].when',
    'lookup table "tiers" has no column "teir": did you mean "tier"?',
  ],
  [
    'a name of the wrong type in when',
    inRule('caller: event.id', 'when: ▸caller\n    set: { a: b }'),
    'rules[0].when',
    'a condition must give true or false, but this gives text',
  ],
  [
    'a name of the wrong type in a value',
    inRule('row: lookup("tiers", event.id)', 'set: { a: "${▸row}" }'),
    'rules[0].set.a',
    'an attribute value is text, but this gives a map',
  ],
  [
    'a name of the wrong type in an operation',
    inRule('count: 5', 'when: ▸count == "5"\n    set: { a: b }'),
    'rules[0].when',
    'no such overload: int == string',
  ],
  [
    'fields of a text',
    inRule('caller: event.id', 'when: caller.▸tier == "x"\n    set: { a: b }'),
    'rules[0].when',
    "Cannot index type 'string'",
  ],
]

const tables = new Map([['tiers', { columns: ['tier'] }]])

function problemsIn(text: string): readonly string[] {
  const parsed = parseRulesDocument(text)
  const problems =
    parsed.kind === 'invalid'
      ? parsed.problems
      : [...parsed.document.problems, ...compileRules(parsed.document, tables).problems]
  return problems.map(
    ({ line, column, path, message }) =>
      `rules.yaml:${line}:${column} ${path === '' ? '' : `${path} `}${message}`,
  )
}

for (const [what, marked, path, message] of cases)
  test(`a mistake in let is reported at its place: ${what}`, () => {
    const before = marked.slice(0, marked.indexOf(mark)).split('\n')
    const position = `rules.yaml:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`
    assert.deepEqual(problemsIn(marked.replace(mark, '')), [
      `${position} ${path === '' ? '' : `${path} `}${message}`,
    ])
  })

test('a mistake in a name is not repeated where the name is used', () => {
  assert.equal(
    problemsIn(inRule('caller: evnt.id', 'when: caller.x == "y"\n    set: { a: "${caller}" }')).length,
    1,
  )
})

test('a let that is not a map, or has too many names, is refused', () => {
  assert.deepEqual(problemsIn('version: 1\nlet: [a]\nrules: []\n'), [
    'rules.yaml:2:6 let must be a map of names to CEL expressions',
  ])
  const names = (count: number) => Array.from({ length: count }, (_, at) => `n${at}: 1`).join('\n  ')
  assert.deepEqual(problemsIn(inFile(names(100))), [])
  assert.deepEqual(problemsIn(inFile(names(101))), ['rules.yaml:4:3 let must have at most 100 names'])
})

test('names can be 16 levels deep', () => {
  const chain = (count: number) =>
    ['n1: event.id', ...Array.from({ length: count - 1 }, (_, at) => `n${at + 2}: n${at + 1}`)].join('\n  ')
  assert.deepEqual(problemsIn(inFile(chain(16))), [])
  assert.deepEqual(problemsIn(inFile(chain(17))), [
    'rules.yaml:20:8 let.n17 reads names that read names, more than 16 deep: write some of them out',
  ])
})
