import type { RulesDocument, RulesProblem } from '../../rules/file/document.ts'
import type { LintedRule } from './linted-rule.ts'
import { includesSubscriptions } from './subscriptions.ts'

/** Values without effect: a later rule always overwrites them, or an earlier rule always sets the same ones. */
export function overwrittenValues(rules: readonly LintedRule[], { problem }: RulesDocument): RulesProblem[] {
  const repeats = (rule: number, earlier: number): boolean => isRepeated(rules, rule, earlier)
  return rules.flatMap((rule, index) => {
    const same = rules.find((_, at) => at < index && repeats(index, at))
    if (same !== undefined)
      return [
        problem(
          [...rule.path, 'set'],
          `sets only values that the earlier rule ${nameOf(same)} always sets: the rule changes nothing`,
        ),
      ]
    return attributesOf(rule).flatMap((attribute) => {
      const later = rules.findLast(
        (other, at) => at > index && alwaysSets(other, attribute, rule) && !repeats(at, index),
      )
      if (later === undefined) return []
      return [
        problem(
          [...rule.path, 'set', attribute],
          `is always overwritten by the later rule ${nameOf(later)}, which has no condition`,
        ),
      ]
    })
  })
}

const nameOf = ({ compiled }: LintedRule): string => JSON.stringify(compiled.name)

const attributesOf = ({ definition }: LintedRule): string[] => Object.keys(definition.set)

/** Whether the rule sets the attribute on the same participant whenever the other rule matches. */
const alwaysSets = (rule: LintedRule, attribute: string, other: LintedRule): boolean =>
  Object.hasOwn(rule.definition.set, attribute) && isUnconditionalFor(rule, other)

/** Whether the rule always applies when the other one matches. One with expressions in its values may lack data, and then sets nothing. */
const isUnconditionalFor = ({ compiled, definition }: LintedRule, other: LintedRule): boolean =>
  compiled.when === undefined &&
  includesSubscriptions(compiled.on, other.compiled.on) &&
  hasSameTarget(compiled, other.compiled) &&
  Object.values(definition.set).every(isFixed)

const hasSameTarget = (one: LintedRule['compiled'], other: LintedRule['compiled']): boolean =>
  one.target === undefined
    ? other.target === undefined
    : one.target.source === other.target?.source && one.needsParticipant === other.needsParticipant

const isFixed = (value: string | number | boolean): boolean =>
  typeof value !== 'string' || !value.replaceAll('$${', '').includes('${')

/** Whether the earlier rule always sets the same values, and no rule in between changes them. Both are indexes. */
function isRepeated(rules: readonly LintedRule[], index: number, earlierIndex: number): boolean {
  const [rule, earlier] = [rules[index], rules[earlierIndex]]
  if (rule === undefined || earlier === undefined) return false
  const attributes = attributesOf(rule)
  const values = earlier.definition.set
  return (
    attributes.every((name) => Object.hasOwn(values, name) && values[name] === rule.definition.set[name]) &&
    isUnconditionalFor(earlier, rule) &&
    !rules
      .slice(earlierIndex + 1, index)
      .some(({ definition }) => attributes.some((name) => Object.hasOwn(definition.set, name)))
  )
}
