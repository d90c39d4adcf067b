import type { RulesDocument, RulesProblem } from '../../rules/file/document.ts'
import type { LintedRule } from './linted-rule.ts'
import { listensToAll } from './listening.ts'

/** Values that never stay: a later rule overwrites them each time, or an earlier one has always set the same already. */
export function overrulings(rules: readonly LintedRule[], { problem }: RulesDocument): RulesProblem[] {
  const repeats = (rule: number, earlier: number): boolean => isRepeated(rules, rule, earlier)
  return rules.flatMap((rule, index) => {
    const same = rules.find((_, at) => at < index && repeats(index, at))
    if (same !== undefined)
      return [
        problem(
          [...rule.path, 'set'],
          `sets only what rule ${nameOf(same)} has always set before: the rule changes nothing`,
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
          `is always overwritten by rule ${nameOf(later)}, which stands later and has no condition`,
        ),
      ]
    })
  })
}

const nameOf = ({ compiled }: LintedRule): string => JSON.stringify(compiled.name)

const attributesOf = ({ definition }: LintedRule): string[] => Object.keys(definition.set)

/** Whether the rule sets the attribute whenever the other one matches, on the same participant. */
const alwaysSets = (rule: LintedRule, attribute: string, other: LintedRule): boolean =>
  Object.hasOwn(rule.definition.set, attribute) && isUnconditionalFor(rule, other)

/** A rule whose values are read from the event may lack data, and then sets nothing. */
const isUnconditionalFor = ({ compiled, definition }: LintedRule, other: LintedRule): boolean =>
  compiled.when === undefined &&
  listensToAll(compiled.on, other.compiled.on) &&
  hasSameTarget(compiled, other.compiled) &&
  Object.values(definition.set).every(isFixed)

const hasSameTarget = (one: LintedRule['compiled'], other: LintedRule['compiled']): boolean =>
  one.target === undefined
    ? other.target === undefined
    : one.target.source === other.target?.source && one.needsParticipant === other.needsParticipant

const isFixed = (value: string | number | boolean): boolean =>
  typeof value !== 'string' || !value.replaceAll('$${', '').includes('${')

/** Whether all that a rule sets is there from an earlier one, and nothing in between changes it. Both by their place. */
function isRepeated(rules: readonly LintedRule[], place: number, earlierPlace: number): boolean {
  const [rule, earlier] = [rules[place], rules[earlierPlace]]
  if (rule === undefined || earlier === undefined) return false
  const attributes = attributesOf(rule)
  const values = earlier.definition.set
  return (
    attributes.every((name) => Object.hasOwn(values, name) && values[name] === rule.definition.set[name]) &&
    isUnconditionalFor(earlier, rule) &&
    !rules
      .slice(earlierPlace + 1, place)
      .some(({ definition }) => attributes.some((name) => Object.hasOwn(definition.set, name)))
  )
}
