import { type Document, isScalar, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { type LookupDefinition, lookupSchema } from '../../lookups/lookup-schema.ts'
import { isObject } from '../../values/json.ts'
import { safeParse } from '../../values/safe-parse.ts'
import { type MappingDefinition, mappingSchema } from '../mappings/mapping-schema.ts'
import { joinFlowExpressions } from './flow-expressions.ts'
import { type LetDefinition, letSchema } from './let-schema.ts'
import { lookupNameSchema, type RuleDefinition, ruleSchema, rulesFileSchema } from './schema.ts'
import { issueProblems, type ProblemFactory, withoutInvalidParts } from './schema-mistakes.ts'
import { type TestDefinition, testSchema } from './test-schema.ts'
import { brokenAlias, describeYamlMistake, yamlMistakes } from './yaml-mistakes.ts'
import { cutOff, isCutOff, keyPosition, nodeAt, type Path, positionOf, printPath } from './yaml-positions.ts'

/** A mistake in a rules file with its position. Lines and columns count from 1. */
export interface RulesProblem {
  readonly line: number
  readonly column: number
  /** `rules[0].set.tier`; empty for YAML syntax mistakes. */
  readonly path: string
  readonly message: string
}

/**
 * The sections of a rules file. With `problems` the file is invalid: it then omits the lookups and tests that have mistakes,
 * and the invalid parts of rules and mappings, so that the other expressions can still be checked.
 */
export interface RulesDocument {
  readonly mappings: readonly Entry<MappingDefinition>[]
  /** The names for all rules. */
  readonly let: LetDefinition
  readonly rules: readonly Entry<RuleDefinition>[]
  readonly lookups: ReadonlyMap<string, LookupDefinition>
  /** Of all lookups, including those with mistakes. */
  readonly lookupNames: readonly string[]
  readonly tests: readonly Entry<TestDefinition>[]
  readonly problems: readonly RulesProblem[]
  /** The value as text, a number exactly as in the file (`007`, `1.50`). */
  sourceText(path: Path, value: string | number | boolean): string
  problem(path: Path, message: string, offset?: number): RulesProblem
  /** At the key, not at its value. */
  problemAtKey(path: Path, message: string): RulesProblem
}

export interface Entry<Definition> {
  readonly definition: Definition
  readonly path: Path
}

export type RulesDocumentResult =
  | { readonly kind: 'ok'; readonly document: RulesDocument }
  | { readonly kind: 'invalid'; readonly problems: readonly RulesProblem[] }

/** `schema` validates the file as a whole; each entry is validated with the schema of its section. */
export function parseRulesDocument(text: string, schema: z.ZodType = rulesFileSchema): RulesDocumentResult {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'error',
    stringKeys: true,
  })
  joinFlowExpressions(document, text)
  const at = (position: number) => {
    const { line, col } = lines.linePos(position)
    return { line, column: col }
  }
  const syntaxMistakes = yamlMistakes(document, text)
    .map(({ position, message }) => ({ ...at(position), path: '', message }))
    .filter(({ line }, index, all) => all.findIndex((other) => other.line === line) === index)
  if (syntaxMistakes.length > 0) return { kind: 'invalid', problems: syntaxMistakes }
  const problem = (path: Path, message: string, offset?: number): RulesProblem => ({
    ...at(positionOf(document, path, text, offset ?? 0)),
    path: printPath(path),
    message: `${message}${offset !== undefined && isCutOff(document, path) ? cutOff : ''}`,
  })
  let value: unknown
  try {
    value = document.toJS() ?? {}
  } catch (error) {
    // The library resolves aliases here. It fails if one has no anchor, or if they expand to too much data.
    if (!(error instanceof ReferenceError)) throw error
    const alias = brokenAlias(document)
    const message =
      alias === undefined
        ? 'the aliases expand to too much data: write the values out'
        : describeYamlMistake('BAD_ALIAS', error.message)
    return { kind: 'invalid', problems: [{ ...at(alias ?? 0), path: '', message }] }
  }
  const atKey = (path: Path, message: string): RulesProblem => ({
    ...problem(path, message),
    ...at(keyPosition(document, path) ?? positionOf(document, path, text, 0)),
  })
  return {
    kind: 'ok',
    document: readDocument(value, schema, document, { problem, atKey, has: (path) => document.hasIn(path) }),
  }
}

function readDocument(
  value: unknown,
  whole: z.ZodType,
  document: Document,
  factory: ProblemFactory<RulesProblem>,
): RulesDocument {
  const { problem, atKey } = factory
  const problems: RulesProblem[] = []
  const read = <T>(
    schema: z.ZodType<T>,
    part: unknown,
    path: Path,
    placeholders?: Readonly<Record<string, unknown>>,
  ): T | undefined => {
    const { success, data, error } = safeParse(schema, part)
    if (success) return data
    for (const issue of error.issues)
      problems.push(...issueProblems({ ...issue, path: [...path, ...issue.path] }, factory))
    return placeholders && withoutInvalidParts(schema, part, error.issues, placeholders)
  }
  const entries = <T>(
    section: string,
    schema: z.ZodType<T>,
    placeholders?: (part: unknown) => Readonly<Record<string, unknown>>,
  ): Entry<T>[] =>
    listIn(file, section).flatMap((part, index) => {
      const path = [section, index]
      const required = placeholders && { ...placeholders(part), name: printPath(path) }
      const definition = read(schema, part, path, required)
      return definition === undefined ? [] : [{ definition, path }]
    })
  read(whole, value, [])
  const file = isObject(value) ? value : {}
  for (const path of protoKeys(file))
    problems.push(problem(path, `is not a valid ${path.includes('let') ? '' : 'attribute '}name`))
  const mappings = entries('mappings', mappingSchema, requiredOfMapping)
  const rules = entries('rules', ruleSchema, requiredOfRule)
  for (const { definition, path } of [...withRepeatedName(mappings), ...withRepeatedName(rules)])
    problems.push(problem([...path, 'name'], `is used twice: ${JSON.stringify(definition.name)}`))
  const lookups = new Map<string, LookupDefinition>()
  const lookupsInFile = Object.entries(isObject(file.lookups) ? file.lookups : {})
  for (const [name, part] of lookupsInFile) {
    const path = ['lookups', name]
    const definition = read(lookupSchema, part, path)
    const { error } = lookupNameSchema.safeParse(name)
    for (const { message } of error?.issues ?? []) problems.push(atKey(path, message))
    if (definition !== undefined && error === undefined) lookups.set(name, definition)
  }
  return {
    mappings,
    let: read(letSchema.optional(), file.let, ['let'], {}) ?? {},
    rules,
    lookups,
    lookupNames: lookupsInFile.map(([name]) => name),
    tests: entries('tests', testSchema),
    problems,
    sourceText: (path, value) => {
      const node = nodeAt(document, path)
      return typeof value === 'number' && isScalar(node) ? (node.source ?? String(value)) : String(value)
    },
    problem,
    problemAtKey: atKey,
  }
}

const listIn = (file: Readonly<Record<string, unknown>>, section: string): readonly unknown[] =>
  Array.isArray(file[section]) ? file[section] : []

/** Attributes and names of `let` called `__proto__`: JavaScript objects would drop them silently. */
const protoKeys = (file: Readonly<Record<string, unknown>>): readonly Path[] => [
  ...(hasProto(file.let) ? [['let', '__proto__']] : []),
  ...[
    ['rules', 'set'],
    ['rules', 'let'],
    ['mappings', 'attributes'],
    ['mappings', 'participant', 'attributes'],
  ].flatMap(([section = '', ...inside]) =>
    listIn(file, section).flatMap((part, index) => {
      const map = inside.reduce((owner: unknown, key) => (isObject(owner) ? owner[key] : undefined), part)
      return hasProto(map) ? [[section, index, ...inside, '__proto__']] : []
    }),
  ),
]

const hasProto = (map: unknown): boolean => isObject(map) && Object.hasOwn(map, '__proto__')

/** Placeholders for the required fields of a rule and of a mapping. */
const requiredOfRule = () => ({ on: '*', set: { placeholder: '' } })
const requiredOfMapping = (part: unknown) => ({
  when: 'true',
  ...(isObject(part) && part.ignore === true
    ? {}
    : { type: 'conversation:created', conversationId: '${body.id}' }),
})

const withRepeatedName = <T extends { readonly name: string }>(entries: readonly Entry<T>[]) =>
  entries.filter(
    ({ definition: { name } }, index) => entries.findIndex((other) => other.definition.name === name) < index,
  )
