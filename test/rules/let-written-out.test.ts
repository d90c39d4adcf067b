import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createTables, type TableSource } from '../../src/lookups/tables.ts'
import type { Decision } from '../../src/rules/decision.ts'
import type { RuleSet } from '../../src/rules/evaluate.ts'
import { createRuleSet } from '../../src/rules/evaluate.ts'
import { compileRules } from '../../src/rules/file/compile.ts'
import { parseRulesDocument } from '../../src/rules/file/document.ts'
import { anyCase } from '../helpers/hostile-cases.ts'
import { rounds } from '../helpers/rounds.ts'

/** Texts and conditions about an event; some lack data, and some have the wrong type for some events. */
const texts = [
  ...[
    'event.id',
    'event.userId',
    'event.queueId',
    'event.mediaType',
    'participant.address',
    'participant.purpose',
  ],
  ...[
    'event.attributes.tier',
    'participant.attributes.tier',
    'string(event.body.text)',
    'string(event.body.number)',
  ],
  ...[
    '"x"',
    'default(event.userId, "none")',
    'event.?queueId.orValue("none")',
    'participant.address.substring(2)',
  ],
  ...['e164(participant.address, "US")', 'event.body.list[0]', 'json(event.body.text).a', '"1" + event.id'],
  ...[
    'lookup("rows", event.id).name',
    'lookup("waits", participant.address).name',
    'lookup("fails", event.id).name',
  ],
]
const conditions = [
  'event.type != ""',
  'has(event.userId)',
  'event.body.list.exists(x, x == "a")',
  'event.body.number > 1.0',
]

/** A text or condition. `$0`, `$1` … are names that come before it. */
interface Written {
  readonly kind: 'text' | 'condition'
  readonly source: string
}

const textOf = (names: readonly Written[]): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constantFrom(...texts),
    ...namesOf('text', names),
    fc
      .tuple(
        fc.constantFrom(...texts, ...leaves('text', names)),
        fc.constantFrom(...texts, ...leaves('text', names)),
      )
      .chain(([one, other]) =>
        fc.constantFrom(`(${one} + ${other})`, `default(${one}, ${other})`, `(${one}).lower()`),
      ),
  )

const conditionOf = (names: readonly Written[]): fc.Arbitrary<string> => {
  const atom = fc.oneof(
    fc.constantFrom(...conditions),
    ...namesOf('condition', names),
    fc.tuple(textOf(names), textOf(names)).map(([one, other]) => `${one} == ${other}`),
    textOf(names).map((text) => `["x", "none"].exists(y, y == ${text})`),
  )
  return fc.oneof(
    atom,
    fc
      .tuple(atom, atom)
      .chain(([one, other]) =>
        fc.constantFrom(
          `(${one}) && (${other})`,
          `(${one}) || (${other})`,
          `!(${one})`,
          `(${one}) ? (${other}) : false`,
        ),
      ),
  )
}

const leaves = (kind: Written['kind'], names: readonly Written[]): readonly string[] =>
  names.flatMap((name, at) => (name.kind === kind ? [`$${at}`] : []))

const namesOf = (kind: Written['kind'], names: readonly Written[]): readonly fc.Arbitrary<string>[] => {
  const found = leaves(kind, names)
  return found.length === 0 ? [] : [fc.constantFrom(...found)]
}

/** `count` expressions, each of which can read those before it and `before`. */
function namesAfter(before: readonly Written[], count: number): fc.Arbitrary<readonly Written[]> {
  if (count === 0) return fc.constant([])
  const next = fc.oneof(
    textOf(before).map((source): Written => ({ kind: 'text', source })),
    conditionOf(before).map((source): Written => ({ kind: 'condition', source })),
  )
  return next.chain((name) => namesAfter([...before, name], count - 1).map((later) => [name, ...later]))
}

interface Generated {
  readonly ofFile: readonly Written[]
  readonly rules: readonly {
    readonly own: readonly Written[]
    readonly needs: boolean
    readonly when: string
    readonly target: string | undefined
    readonly value: string
  }[]
}

const generated: fc.Arbitrary<Generated> = namesAfter([], 3).chain((ofFile) => {
  const rule = namesAfter(ofFile, 2).chain((own) => {
    const names = [...ofFile, ...own]
    return fc.record({
      own: fc.constant(own),
      needs: fc.boolean(),
      when: conditionOf(names),
      target: fc.option(
        textOf(names).map((text) => `candidate.purpose != ${text}`),
        { nil: undefined, freq: 3 },
      ),
      value: textOf(names),
    })
  })
  return fc.array(rule, { minLength: 1, maxLength: 3 }).map((rules) => ({ ofFile, rules }))
})

const source = (peek: TableSource['peek'], onError: TableSource['onError'] = 'skip'): TableSource => ({
  columns: undefined,
  onError,
  peek,
  fetch: async () => {},
  close: () => {},
})
const tables = createTables(
  new Map([
    [
      'rows',
      source((key) => (key.length % 2 === 0 ? { kind: 'none' } : { kind: 'row', row: { name: key } })),
    ],
    [
      'waits',
      source((key) => (key.length % 2 === 0 ? { kind: 'unknown' } : { kind: 'row', row: { name: key } })),
    ],
    ['fails', source(() => ({ kind: 'failed', cause: 'timeout' }), 'retry')],
  ]),
)

function rulesFrom(file: object): RuleSet {
  const parsed = parseRulesDocument(JSON.stringify(file))
  assert.ok(parsed.kind === 'ok')
  const compiled = compileRules(parsed.document, tables.known)
  assert.deepEqual([...parsed.document.problems, ...compiled.problems], [])
  return createRuleSet(compiled, tables, 'v')
}

const nameAt = (at: number): string => `name${at}`
const withNames = (source: string): string => source.replaceAll(/\$(\d+)/g, (_, at) => nameAt(Number(at)))
const writtenOut = (source: string, names: readonly Written[]): string =>
  source.replaceAll(/\$(\d+)/g, (_, at) => `(${writtenOut(names[Number(at)]?.source ?? '', names)})`)

function filesOf({ ofFile, rules }: Generated): { readonly named: object; readonly plain: object } {
  const letOf = (names: readonly Written[], first: number) =>
    Object.fromEntries(names.map(({ source }, at) => [nameAt(first + at), withNames(source)]))
  const rulesWith = (print: (source: string, names: readonly Written[]) => string, hasLet: boolean) =>
    rules.map(({ own, needs, when, target, value }, at) => {
      const names = [...ofFile, ...own]
      return {
        name: `rule ${at}`,
        on: ['*'],
        ...(hasLet && { let: letOf(own, ofFile.length) }),
        ...(needs && { needs: 'participant' }),
        when: print(when, names),
        ...(target !== undefined && { target: print(target, names) }),
        set: { a: `\${${print(value, names)}}` },
      }
    })
  return {
    named: { version: 1, let: letOf(ofFile, 0), rules: rulesWith(withNames, true) },
    plain: { version: 1, rules: rulesWith(writtenOut, false) },
  }
}

/**
 * Written out, an expression repeats the needs of the names that it repeats. If a name fails, the decision has the fields of the
 * name, and written out, those of the whole expression.
 */
const comparable = ({ needs, undecided, ...rest }: Decision) => ({
  ...rest,
  needs: new Set(needs.map((need) => JSON.stringify(need))),
  undecided: undecided.map(({ rule, code }) => ({ rule, code })),
})

test('property: rules with names decide as with the expressions written out', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(generated, fc.array(anyCase, { minLength: 1, maxLength: 8 }), (rules, cases) => {
      const { named, plain } = filesOf(rules)
      const [withLet, withoutLet] = [rulesFrom(named), rulesFrom(plain)]
      for (const { event, facts } of cases) {
        const [decision, expected] = [withLet.evaluate(event, facts), withoutLet.evaluate(event, facts)]
        assert.deepEqual(comparable(decision), comparable(expected))
        const explained = withLet.explain(event, facts).rules
        assert.deepEqual(
          explained.map(({ result }) => result),
          withoutLet.explain(event, facts).rules.map(({ result }) => result),
        )
        for (const { result, names = [] } of explained) {
          seen.add(result)
          for (const { code = 'value' } of names) seen.add(code)
        }
      }
    }),
    { numRuns: rounds(150) },
  )
  for (const kind of ['matched', 'unmatched', 'undecided', 'needs', 'blocked', 'value', 'no_such_key'])
    assert.ok(seen.has(kind), `no ${kind}`)
})
