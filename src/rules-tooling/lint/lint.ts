import type { Names } from '../../cel/names.ts'
import type { Reads } from '../../cel/syntax/inspect.ts'
import type { Compiled } from '../../rules/file/compile.ts'
import type { RulesDocument, RulesProblem } from '../../rules/file/document.ts'
import { describeUnknownTopic } from '../../rules/file/known-topics.ts'
import type { LetDefinition } from '../../rules/file/let-schema.ts'
import type { Path } from '../../rules/file/yaml-positions.ts'
import { constantOf } from '../../rules/mappings/map-item.ts'
import { absentFields } from './absent-fields.ts'
import { attributeWarnings, type LintedRule } from './attributes.ts'
import { checkComparedValues } from './compared-values.ts'
import { whyNeverTrue } from './never-true.ts'
import { mappedTopics, unusedMappings } from './unused-mappings.ts'

export interface LintInput {
  readonly document: RulesDocument
  readonly compiled: Pick<Compiled, 'mappings' | 'names' | 'rules' | 'expressions'>
}

/** `mistake`: a comparison with a value that no event has. `warning`: anything else that is valid but probably wrong. */
export interface LintFinding extends RulesProblem {
  readonly severity: 'mistake' | 'warning'
}

/**
 * Finds probable mistakes in a valid rules file: rules and mappings that never match, values that are always overwritten or
 * are expressions without `${ }`, unused tables and names, attribute names that are hard to use, fields that events lack. The findings are in file order. Pure.
 */
export function lint(input: LintInput): readonly LintFinding[] {
  const { document, compiled } = input
  const rules = lintedRules(input)
  const topics = mappedTopics(compiled.mappings)
  const warnings = [
    ...unusedMappings(document, compiled),
    ...checkMappedValues(document, compiled),
    ...rules.flatMap((rule) => unknownTopics(rule, document, topics)),
    ...rules.flatMap((rule) => checkConditions(rule, document, compiled)),
    ...rules.flatMap((rule) => absentFields(rule, document, compiled.mappings)),
    ...attributeWarnings(rules, document),
    ...unusedLookups(rules, document),
    ...unusedNames(rules, document),
  ].map((problem): LintFinding => ({ ...problem, severity: 'warning' }))
  return inOrder([...warnings, ...checkComparisons(input)])
}

/** The findings of `lint` that are mistakes. Fast even for many rules. */
export const lintMistakes = (input: LintInput): readonly LintFinding[] =>
  inOrder(checkComparisons(input).filter(({ severity }) => severity === 'mistake'))

const inOrder = (findings: readonly LintFinding[]): readonly LintFinding[] =>
  findings.toSorted((one, other) => one.line - other.line || one.column - other.column)

const lintedRules = ({ document, compiled }: LintInput): LintedRule[] =>
  document.rules.flatMap((rule, index): LintedRule[] => {
    const compiledRule = compiled.rules[index]
    return compiledRule === undefined ? [] : [{ ...rule, compiled: compiledRule }]
  })

/** Checks constants in mappings, which may have any letter case. */
const checkMappedValues = (
  { mappings: written, problem }: RulesDocument,
  { mappings }: LintInput['compiled'],
): RulesProblem[] =>
  mappings.flatMap(({ fields }, index) =>
    fields.flatMap((mapped) => {
      const name = mapped.path.join('.')
      const constant = constantOf(mapped)
      if (constant === undefined || name === 'topic') return []
      const field = mapped.path.length === 1 ? `event.${name}` : name
      const values = [{ text: constant.toLowerCase(), offset: 0 }]
      return checkComparedValues([{ field, values }]).map(({ message }) =>
        problem([...(written[index]?.path ?? []), ...mapped.path], message),
      )
    }),
  )

function checkComparisons(input: LintInput): LintFinding[] {
  const topics = mappedTopics(input.compiled.mappings)
  return [
    ...partsOfLet(input.document.let, input.compiled.names, ['let']),
    ...lintedRules(input).flatMap(({ definition, compiled, path }) => [
      ...partsOfLet(definition.let, compiled.names, [...path, 'let']),
      { part: compiled.when, path: [...path, 'when'] },
      { part: compiled.target, path: [...path, 'target'] },
      ...compiled.set.map(({ attribute, value }) => ({ part: value, path: [...path, 'set', attribute] })),
    ]),
  ].flatMap(({ part, path }) =>
    checkComparedValues(part?.reads.comparisons ?? [], topics).map(
      ({ severity, message, offset }): LintFinding => ({
        ...input.document.problem(path, message, offset),
        severity,
      }),
    ),
  )
}

const partsOfLet = (definition: LetDefinition, names: Names, path: Path) =>
  Object.keys(definition).map((name) => ({ part: names.get(name), path: [...path, name] }))

const unknownTopics = (
  { definition, path }: LintedRule,
  { problem }: RulesDocument,
  knownFromMappings: readonly string[],
): RulesProblem[] =>
  definition.on.flatMap((name, index) => {
    const message = describeUnknownTopic(name, knownFromMappings)
    return message === undefined ? [] : [problem([...path, 'on', index], message)]
  })

function checkConditions(
  { compiled: { when, target, on }, path }: LintedRule,
  { problem }: RulesDocument,
  { expressions }: LintInput['compiled'],
): RulesProblem[] {
  const warn = (field: 'when' | 'target', source: string | undefined, effect: string): RulesProblem[] => {
    const never = source === undefined ? undefined : whyNeverTrue(source, { expressions, on })
    return never === undefined ? [] : [problem([...path, field], `${never.message}: ${effect}`, never.offset)]
  }
  return [
    ...warn('when', when?.source, 'the rule never matches'),
    ...warn('target', target?.source, 'no participant ever matches'),
  ]
}

const readsOf = ({ compiled: { when, target, set } }: LintedRule): readonly Reads[] =>
  [when, target, ...set.map(({ value }) => value)].flatMap((part) => part?.reads ?? [])

function unusedLookups(rules: readonly LintedRule[], { lookups, problem }: RulesDocument): RulesProblem[] {
  const used = new Set(rules.flatMap(readsOf).flatMap(({ tables }) => tables))
  return [...lookups.keys()]
    .filter((name) => !used.has(name))
    .map((name) => problem(['lookups', name], 'is not used by any rule'))
}

/** Names that no condition, target or value reads, also not by way of other names. */
function unusedNames(
  rules: readonly LintedRule[],
  { let: ofFile, problemAtKey }: RulesDocument,
): RulesProblem[] {
  const unused = (definition: LetDefinition, path: Path, used: ReadonlySet<string>, by: string) =>
    Object.keys(definition)
      .filter((name) => !used.has(name))
      .map((name) => problemAtKey([...path, name], `is not used by ${by}: remove it`))
  const usedBy = (some: readonly LintedRule[]) => new Set(some.flatMap(readsOf).flatMap(({ names }) => names))
  return [
    ...unused(ofFile, ['let'], usedBy(rules), 'any rule'),
    ...rules.flatMap((rule) =>
      unused(rule.definition.let, [...rule.path, 'let'], usedBy([rule]), 'when, target or set of the rule'),
    ),
  ]
}
