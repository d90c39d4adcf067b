import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { parseRulesDocument } from '../../src/rules/file/document.ts'
import { rulesJsonSchema, testsJsonSchema } from '../../src/rules-tooling/json-schema.ts'
import { parseTestsDocument } from '../../src/rules-tooling/tests/tests-document.ts'

const examples = new URL('../../examples/', import.meta.url)
const rulesSchema = rulesJsonSchema()
const testsSchema = testsJsonSchema()
const accepts = (schema: Parameters<typeof z.fromJSONSchema>[0]) => {
  const compiled = z.fromJSONSchema(schema)
  return (text: string) => compiled.safeParse(parse(text)).success
}
const acceptsRules = accepts(rulesSchema)
const acceptsTests = accepts(testsSchema)

interface Part {
  readonly properties?: Readonly<Record<string, Part & { readonly description?: string }>>
  readonly title?: string
  readonly description?: string
}

/** Every map of the schema that defines fields. */
function partsOf(value: unknown): Part[] {
  if (typeof value !== 'object' || value === null) return []
  const own = 'properties' in value ? [value as Part] : []
  return [...own, ...Object.values(value).flatMap(partsOf)]
}

test('every field of a rules file has a description for editors', () => {
  for (const schema of [rulesSchema, testsSchema]) {
    const parts = partsOf(schema).filter(({ title }) => title !== undefined)
    for (const { title, description, properties } of parts) {
      assert.ok(description, title)
      for (const [name, field] of Object.entries(properties ?? {}))
        assert.ok(field.description, `${title}: ${name}`)
    }
  }
  const titles = partsOf(rulesSchema).map(({ title }) => title)
  assert.deepEqual(
    titles.filter((title) => title !== undefined),
    [
      'Rules of genesys-enricher',
      'A mapping',
      'A mapping that ignores items',
      'A table in a file',
      'A table behind an HTTP API',
      'A rule',
      'A test',
    ],
  )
})

test('the schema is draft 2020-12 and suggests topics', () => {
  assert.equal(rulesSchema.$schema, 'https://json-schema.org/draft/2020-12/schema')
  assert.match(
    JSON.stringify(rulesSchema),
    /"enum":\["conversation:created","conversation:updated","acd\.end"/,
  )
})

test('the schema suggests media types, directions and purposes in mappings and tests', () => {
  const places = (values: string) => JSON.stringify(rulesSchema).split(values).length - 1
  // In mappings, and in event and becomes of tests; purposes also in participants.
  assert.equal(places('{"enum":["voice","chat",'), 3)
  assert.equal(places('{"enum":["inbound","outbound"]}'), 3)
  assert.equal(places('{"enum":["customer","external",'), 4)
})

for (const name of (await readdir(examples, { recursive: true })).filter((file) =>
  /rules\.yaml$/.test(file),
)) {
  test(`examples/${name} matches the schema`, async () => {
    assert.ok(acceptsRules(await readFile(new URL(name, examples), 'utf8')))
  })
}

const rule = (rest: string) => `version: 1\nrules:\n  - { name: a, on: acw, set: { a: b }${rest} }\n`
const mapping = (rest: string) =>
  `version: 1\nrules: []\nmappings:\n  - { name: a, when: true, type: conversation:created, conversationId: "\${body.c}"${rest} }\n`
const lookup = (rest: string) => `version: 1\nlookups: { t: ${rest} }\nrules: []\n`
for (const text of [
  rule(''),
  rule(', when: true, priority: high, needs: participant, target: event'),
  rule(', needs: [participant]'),
  rule(', let: { caller: event.id, five: 5, yes: true }'),
  `${rule('')}let: { caller: event.id }\n`,
  rule('').replace('on: acw', 'on: [acw, "*", user.*]'),
  lookup('{ file: a.csv, key: k }'),
  lookup(
    '{ url: "https://a.example/{key}", headers: { X: { file: f } }, columns: { a: b.c }, timeoutMs: 100 }',
  ),
  'version: 1\nrules: []\ntests:\n  - { name: a, event: {}, expect: { a: 1, b: true } }\n',
  'version: 1\nrules: []\ntests:\n  - { name: a, event: {}, becomes: { type: a, occurredAt: 1767603600005, participant: { ani: null } } }\n',
  mapping(', mediaType: fax, direction: "${body.d}", participant: { purpose: supervisor }'),
  mapping('').replace(/type: .*\}"/, 'ignore: true'),
  'version: 1\nrules: []\ntests:\n  - { name: a, event: { mediaType: [fax], participant: p1 }, ignored: true }\n',
  'version: 1\nrules: []\ntests:\n  - { name: a, event: { mediaType: fax }, participants: [{ id: p, purpose: boss }], becomes: { mediaType: fax, participant: { purpose: boss } } }\n',
  mapping(', participant: { ani: b, attributes: { x: 1 } }, attributes: "${body.a}"'),
  'version: 1\nrules: []\ntests:\n  - { name: a, event: {}, answers: { t: { k: null } }, expect: { p: { a: b } } }\n',
]) {
  test(`a valid file matches the schema: ${text.slice(0, 90)}`, () => {
    const parsed = parseRulesDocument(text)
    assert.ok(parsed.kind === 'ok')
    assert.deepEqual(parsed.document.problems, [])
    assert.ok(acceptsRules(text))
  })
}

for (const text of [
  '{}',
  'version: 2\nrules: []\n',
  'version: 1\nrules: {}\n',
  'version: 1\nrules: []\nrulez: []\n',
  rule(', wen: true'),
  rule(', let: { my-name: event.id }'),
  rule(', let: [event.id]'),
  `${rule('')}let: { caller: [event.id] }\n`,
  rule(', priority: urgent'),
  rule(', needs: [conversation]'),
  rule('').replace('{ a: b }', '{ a: [b] }'),
  rule('').replace('on: acw', 'on: []'),
  mapping(', conversation: c'),
  mapping(', participant: { id: p }'),
  mapping('').replace('when: true, ', ''),
  mapping('').replace('type: conversation:created, ', ''),
  mapping(', ignore: true'),
  mapping('').replace(/type: .*\}"/, 'ignore: false'),
  'version: 1\nrules: []\ntests:\n  - { name: a, event: {}, ignored: false }\n',
  'version: 1\nrules: []\ntests:\n  - { name: a, event: {}, becomes: { tpye: a } }\n',
  lookup('{ key: k }'),
  lookup('{ file: a.csv, url: "https://a.example/{key}" }'),
  lookup('{ url: "https://a.example/{key}", timeoutMs: 1 }'),
  lookup('{ file: a.csv }').replace('t:', '"1":'),
  'version: 1\nrules: []\ntests:\n  - { name: a, event: {} }\n',
]) {
  test(`the loader rejects a file that the schema rejects: ${text.slice(0, 90)}`, () => {
    assert.ok(!acceptsRules(text))
    const parsed = parseRulesDocument(text)
    assert.ok(parsed.kind === 'invalid' || parsed.document.problems.length > 0)
  })
}

test('the schema of a test file accepts only tests', () => {
  for (const [text, fits] of [
    ['tests:\n  - { name: a, event: {}, expect: {} }\n', true],
    ['version: 1\ntests: []\n', true],
    ['tests: []\nrules: []\n', false],
    ['rules: []\n', false],
  ] as const) {
    assert.equal(acceptsTests(text), fits, text)
    const parsed = parseTestsDocument(text)
    assert.equal(parsed.kind === 'ok' && parsed.document.problems.length === 0, fits, text)
  }
})
