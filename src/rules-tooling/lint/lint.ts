import type { Compiled } from '../../rules/file/compile.ts'
import type { RulesDocument, RulesProblem } from '../../rules/file/document.ts'
import { describeUnknownTopic } from '../../rules/file/known-topics.ts'
import { constantOf } from '../../rules/mappings/compiled-mapping.ts'
import { adviceOnAttributeName } from './attribute-names.ts'
import { checkComparedValues } from './compared-values.ts'
import type { LintedRule } from './linted-rule.ts'
import { whyNeverTrue } from './never-true.ts'
import { overrulings } from './overruled.ts'
import { adviceOnPlainValue } from './plain-values.ts'
import { mappedTopics, unusedMappings } from './unused-mappings.ts'

export interface LintInput {
  readonly document: RulesDocument
  readonly compiled: Pick<Compiled, 'mappings' | 'rules' | 'expressions'>
}

/** `mistake`: a comparison with a value that no event has. `warning`: anything else that is valid but probably not meant. */
export interface LintFinding extends RulesProblem {
  readonly severity: 'mistake' | 'warning'
}

/**
 * Finds what a valid rules file probably does not mean: rules and mappings that never match, values that are always
 * overwritten or are expressions without `${ }`, tables no rule reads, attribute names that are hard to use. In the order of the file. Pure.
 */
export function lint(input: LintInput): readonly LintFinding[] {
  const { document, compiled } = input
  const rules = lintedRules(input)
  const own = mappedTopics(compiled.mappings)
  const warnings = [
    ...unusedMappings(document, compiled),
    ...lookAtMappedValues(document, compiled),
    ...rules.flatMap((rule) => lookAtNames(rule, document, own)),
    ...rules.flatMap((rule) => lookAtConditions(rule, document, compiled)),
    ...rules.flatMap((rule) => lookAtValues(rule, document, compiled)),
    ...overrulings(rules, document),
    ...unusedLookups(rules, document),
  ].map((problem): LintFinding => ({ ...problem, severity: 'warning' }))
  return inOrder([...warnings, ...lookAtComparisons(input)])
}

/** The findings of `lint` that are mistakes. Quick also for many rules. */
export const lintMistakes = (input: LintInput): readonly LintFinding[] =>
  inOrder(lookAtComparisons(input).filter(({ severity }) => severity === 'mistake'))

const inOrder = (findings: readonly LintFinding[]): readonly LintFinding[] =>
  findings.toSorted((one, other) => one.line - other.line || one.column - other.column)

const lintedRules = ({ document, compiled }: LintInput): LintedRule[] =>
  document.rules.flatMap(({ rule, path }, index): LintedRule[] => {
    const made = compiled.rules[index]
    return made === undefined ? [] : [{ definition: rule, compiled: made, path }]
  })

/** Fixed values of mappings, which may be in any letter case. */
const lookAtMappedValues = (
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

function lookAtComparisons(input: LintInput): LintFinding[] {
  const own = mappedTopics(input.compiled.mappings)
  return lintedRules(input).flatMap(({ compiled: { when, target, set }, path }) =>
    [
      { part: when?.expression, place: [...path, 'when'] },
      { part: target?.expression, place: [...path, 'target'] },
      ...set.map(({ attribute, value }) => ({ part: value, place: [...path, 'set', attribute] })),
    ].flatMap(({ part, place }) =>
      checkComparedValues(part?.comparisons ?? [], own).map(
        ({ severity, message, offset }): LintFinding => ({
          ...input.document.problem(place, message, offset),
          severity,
        }),
      ),
    ),
  )
}

function lookAtNames(
  { definition, path }: LintedRule,
  { problem }: RulesDocument,
  ownTopics: readonly string[],
): RulesProblem[] {
  const topics = definition.on.flatMap((name, index) => {
    const message = describeUnknownTopic(name, ownTopics)
    return message === undefined ? [] : [problem([...path, 'on', index], message)]
  })
  const attributes = Object.keys(definition.set).flatMap((name) => {
    const message = adviceOnAttributeName(name)
    return message === undefined ? [] : [problem([...path, 'set', name], message)]
  })
  return [...topics, ...attributes]
}

function lookAtConditions(
  { compiled, path }: LintedRule,
  { problem }: RulesDocument,
  { expressions }: LintInput['compiled'],
): RulesProblem[] {
  const { when, target, on } = compiled
  const found: RulesProblem[] = []
  const neverMatches = when && whyNeverTrue(when.source, { expressions, on })
  if (neverMatches)
    found.push(
      problem([...path, 'when'], `${neverMatches.message}: the rule never matches`, neverMatches.offset),
    )
  const neverFits = target && whyNeverTrue(target.source, { expressions, on })
  if (neverFits)
    found.push(
      problem([...path, 'target'], `${neverFits.message}: no participant ever fits`, neverFits.offset),
    )
  return found
}

function lookAtValues(
  { definition, path }: LintedRule,
  { problem }: RulesDocument,
  { expressions }: LintInput['compiled'],
): RulesProblem[] {
  return Object.entries(definition.set).flatMap(([attribute, value]) => {
    const message = adviceOnPlainValue(value, expressions)
    return message === undefined ? [] : [problem([...path, 'set', attribute], message)]
  })
}

function unusedLookups(rules: readonly LintedRule[], { lookups, problem }: RulesDocument): RulesProblem[] {
  const used = new Set(
    rules.flatMap(({ compiled: { when, target, set } }) =>
      [when?.expression, target?.expression, ...set.map(({ value }) => value)].flatMap(
        (part) => part?.reads.tables ?? [],
      ),
    ),
  )
  return [...lookups.keys()]
    .filter((name) => !used.has(name))
    .map((name) => problem(['lookups', name], 'is read by no rule'))
}
