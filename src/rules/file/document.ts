import { type Document, isScalar, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import type { LookupDefinition } from '../../lookups/lookup-schema.ts'
import type { MappingDefinition } from '../mappings/mapping-schema.ts'
import { isMapping, repaired, safely } from './repair.ts'
import {
  lookupNameSchema,
  lookupSchema,
  mappingSchema,
  type RuleDefinition,
  ruleSchema,
  rulesFileSchema,
} from './schema.ts'
import { describeIssue, type Tell } from './schema-mistakes.ts'
import { type TestDefinition, testSchema } from './test-schema.ts'
import { describeYaml } from './yaml-mistake-text.ts'
import { brokenAlias, yamlMistakes } from './yaml-mistakes.ts'
import { cutOff, isCutOff, keyPosition, nodeAt, type Path, positionOf, printPath } from './yaml-positions.ts'

/** A mistake in a rules file and where it is; lines and columns count from 1. */
export interface RulesProblem {
  readonly line: number
  readonly column: number
  /** `rules[0].set.tier`; empty for mistakes of the YAML itself. */
  readonly path: string
  readonly message: string
}

/**
 * A rules file, part by part. With `problems` the file is not valid: then lookups and tests with mistakes are left out, and
 * rules and mappings lack the parts that are wrong, but their expressions can be checked.
 */
export interface RulesDocument {
  readonly mappings: readonly { readonly mapping: MappingDefinition; readonly path: Path }[]
  readonly rules: readonly { readonly rule: RuleDefinition; readonly path: Path }[]
  readonly lookups: ReadonlyMap<string, LookupDefinition>
  /** Of all lookups, also those with mistakes. */
  readonly lookupNames: readonly string[]
  readonly tests: readonly { readonly test: TestDefinition; readonly path: Path }[]
  readonly problems: readonly RulesProblem[]
  /** A number as the author wrote it (`007`, `1.50`), any other value unchanged. */
  sourceText(path: Path, value: string | number | boolean): string
  problem(path: Path, message: string, offset?: number): RulesProblem
}

export type RulesDocumentResult =
  | { readonly kind: 'ok'; readonly document: RulesDocument }
  | { readonly kind: 'invalid'; readonly problems: readonly RulesProblem[] }

/** `schema`: of the file as a whole; the parts are read by their own. */
export function parseRulesDocument(text: string, schema: z.ZodType = rulesFileSchema): RulesDocumentResult {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'error',
    stringKeys: true,
  })
  const at = (position: number) => {
    const { line, col } = lines.linePos(position)
    return { line, column: col }
  }
  const broken = yamlMistakes(document, text)
    .map(({ position, message }) => ({ ...at(position), path: '', message }))
    .filter(({ line }, index, all) => all.findIndex((other) => other.line === line) === index)
  if (broken.length > 0) return { kind: 'invalid', problems: broken }
  const problem = (path: Path, message: string, offset?: number): RulesProblem => ({
    ...at(positionOf(document, path, text, offset ?? 0)),
    path: printPath(path),
    message: `${message}${offset !== undefined && isCutOff(document, path) ? cutOff : ''}`,
  })
  let value: unknown
  try {
    value = document.toJS() ?? {}
  } catch (error) {
    // Aliases are followed only now: one has no anchor, or there are so many that they would fill the memory.
    if (!(error instanceof ReferenceError)) throw error
    const alias = brokenAlias(document)
    const message =
      alias === undefined
        ? 'the aliases stand for too much: write out what they stand for'
        : describeYaml('BAD_ALIAS', error.message)
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
  tell: Tell<RulesProblem>,
): RulesDocument {
  const { problem, atKey } = tell
  const problems: RulesProblem[] = []
  const read = <T>(
    schema: z.ZodType<T>,
    part: unknown,
    path: Path,
    placeholders?: Readonly<Record<string, unknown>>,
  ): T | undefined => {
    const { success, data, error } = safely(schema, part)
    if (success) return data
    for (const issue of error.issues)
      problems.push(...describeIssue({ ...issue, path: [...path, ...issue.path] }, tell))
    return placeholders && repaired(schema, part, error.issues, { ...placeholders, name: printPath(path) })
  }
  read(whole, value, [])
  const file = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  const list = <T>(
    section: string,
    schema: z.ZodType<T>,
    placeholders?: (part: unknown) => Readonly<Record<string, unknown>>,
  ): { entry: T; path: Path }[] =>
    (Array.isArray(file[section]) ? file[section] : []).flatMap((part: unknown, index) => {
      const entry = read(schema, part, [section, index], placeholders?.(part))
      return entry === undefined ? [] : [{ entry, path: [section, index] }]
    })
  for (const path of lostNames(file)) problems.push(problem(path, 'is no name that an attribute can have'))
  const named = <T extends { readonly name: string }>(
    section: string,
    schema: z.ZodType<T>,
    placeholders: (part: unknown) => Readonly<Record<string, unknown>>,
  ) => {
    const entries = list(section, schema, placeholders)
    for (const { entry, path } of repeated(entries))
      problems.push(problem([...path, 'name'], `is used twice: ${JSON.stringify(entry.name)}`))
    return entries
  }
  const mappings = named('mappings', mappingSchema, requiredOfMapping).map(({ entry, path }) => ({
    mapping: entry,
    path,
  }))
  const rules = named('rules', ruleSchema, requiredOfRule).map(({ entry, path }) => ({ rule: entry, path }))
  const lookups = new Map<string, LookupDefinition>()
  if (isMapping(file.lookups)) {
    for (const [name, part] of Object.entries(file.lookups)) {
      const path = ['lookups', name]
      const entry = read(lookupSchema, part, path)
      const { error } = lookupNameSchema.safeParse(name)
      for (const { message } of error?.issues ?? []) problems.push(atKey(path, message))
      if (entry !== undefined && error === undefined) lookups.set(name, entry)
    }
  }
  return {
    mappings,
    rules,
    lookups,
    lookupNames: Object.keys(isMapping(file.lookups) ? file.lookups : {}),
    tests: list('tests', testSchema).map(({ entry, path }) => ({ test: entry, path })),
    problems,
    sourceText: (path, value) => {
      const node = nodeAt(document, path)
      return typeof value === 'number' && isScalar(node) ? (node.source ?? String(value)) : String(value)
    },
    problem,
  }
}

/** A name that objects of JavaScript keep for themselves: it would be lost without a word. */
const lostNames = (file: Readonly<Record<string, unknown>>): readonly Path[] =>
  [
    ['rules', 'set'],
    ['mappings', 'attributes'],
    ['mappings', 'participant', 'attributes'],
  ].flatMap(([section = '', ...inside]) =>
    (Array.isArray(file[section]) ? file[section] : []).flatMap((part: unknown, index) => {
      const map = inside.reduce((owner: unknown, key) => (isMapping(owner) ? owner[key] : undefined), part)
      const isLost = isMapping(map) && Object.hasOwn(map, '__proto__')
      return isLost ? [[section, index, ...inside, '__proto__']] : []
    }),
  )

/** Placeholders for what a rule and a mapping must have. */
const requiredOfRule = () => ({ on: '*', set: { placeholder: '' } })
const requiredOfMapping = (part: unknown) => ({
  when: 'true',
  ...(isMapping(part) && part.ignore === true
    ? {}
    : { type: 'conversation:created', conversationId: '${body.id}' }),
})

const repeated = <T extends { readonly entry: { readonly name: string } }>(
  entries: readonly T[],
): readonly T[] =>
  entries.filter(({ entry }, index) => entries.findIndex((other) => other.entry.name === entry.name) < index)
