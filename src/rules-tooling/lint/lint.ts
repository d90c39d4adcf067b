import type { Compiled } from '../../rules/file/compile.ts'
import type { RulesDocument, RulesProblem } from '../../rules/file/document.ts'
import { describeUnknownTopic } from '../../rules/file/known-topics.ts'
import { constantOf } from '../../rules/mappings/map-item.ts'
import { attributeWarnings, type LintedRule } from './attributes.ts'
import { checkComparedValues } from './compared-values.ts'
import { whyNeverTrue } from './never-true.ts'
import { mappedTopics, unusedMappings } from './unused-mappings.ts'

export interface LintInput {
  readonly document: RulesDocument
  readonly compiled: Pick<Compiled, 'mappings' | 'rules' | 'expressions'>
}

/** `mistake`: a comparison with a value that no event has. `warning`: anything else that is valid but probably wrong. */
export interface LintFinding extends RulesProblem {
  readonly severity: 'mistake' | 'warning'
}

/**
 * Finds probable mistakes in a valid rules file: rules and mappings that never match, values that are always overwritten or
 * are expressions without `${ }`, unused tables, attribute names that are hard to use. The findings are in file order. Pure.
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
    ...attributeWarnings(rules, document, compiled.expressions),
    ...unusedLookups(rules, document),
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
  return lintedRules(input).flatMap(({ compiled: { when, target, set }, path }) =>
    [
      { part: when, path: [...path, 'when'] },
      { part: target, path: [...path, 'target'] },
      ...set.map(({ attribute, value }) => ({ part: value, path: [...path, 'set', attribute] })),
    ].flatMap(({ part, path }) =>
      checkComparedValues(part?.reads.comparisons ?? [], topics).map(
        ({ severity, message, offset }): LintFinding => ({
          ...input.document.problem(path, message, offset),
          severity,
        }),
      ),
    ),
  )
}

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

function unusedLookups(rules: readonly LintedRule[], { lookups, problem }: RulesDocument): RulesProblem[] {
  const used = new Set(
    rules.flatMap(({ compiled: { when, target, set } }) =>
      [when, target, ...set.map(({ value }) => value)].flatMap((part) => part?.reads.tables ?? []),
    ),
  )
  return [...lookups.keys()]
    .filter((name) => !used.has(name))
    .map((name) => problem(['lookups', name], 'is not used by any rule'))
}
