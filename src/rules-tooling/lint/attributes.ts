import type { Expressions } from '../../cel/expressions.ts'
import { tokensOf } from '../../cel/syntax/tokens.ts'
import type { CompiledRule } from '../../rules/file/compile.ts'
import type { Entry, RulesDocument, RulesProblem } from '../../rules/file/document.ts'
import type { RuleDefinition } from '../../rules/file/schema.ts'
import { isConstant } from './constraints.ts'
import { includesSubscriptions } from './subscriptions.ts'

/** A rule with its definition, its compiled form and its path in the file. */
export interface LintedRule extends Entry<RuleDefinition> {
  readonly compiled: CompiledRule
}

/** Attributes whose names are hard to use, whose values lack `${ }`, or which have no effect. */
export const attributeWarnings = (
  rules: readonly LintedRule[],
  { problem }: RulesDocument,
): RulesProblem[] => [
  ...rules.flatMap(({ definition, compiled, path }) =>
    Object.entries(definition.set).flatMap(([name, value]) =>
      [nameWarning(name), missingBracesWarning(value, compiled.expressions)]
        .filter((message) => message !== undefined)
        .map((message) => problem([...path, 'set', name], message)),
    ),
  ),
  ...overwrittenValues(rules, problem),
]

/**
 * Genesys Cloud shows the rest of the name to agents as a label, so dots and spaces in it are intended:
 * https://help.mypurecloud.com/articles/attach-custom-conversation-attributes-to-participant-data-in-architect
 */
const panelPrefix = 'conversationDetails.participantData.'

const maxNameLength = 100

/** The warning about a name that scripts, data actions and reports cannot use easily; undefined if the name is fine. */
function nameWarning(name: string): string | undefined {
  const reasons: string[] = []
  const label = name.startsWith(panelPrefix) ? name.slice(panelPrefix.length) : undefined
  const inner = name.trim()
  if (inner !== name) reasons.push('begins or ends with a space')
  if (label === undefined && inner.includes('.')) reasons.push('contains a dot')
  if (label === undefined && /\s/.test(inner)) reasons.push('contains a space')
  if (/[^\p{ASCII}]/u.test(inner)) reasons.push('contains non-ASCII characters')
  if (name.length > maxNameLength) reasons.push(`has ${name.length} characters`)
  if (reasons.length === 0) return undefined
  return `${reasons.join(' and ')}, which scripts, data actions or reports may not accept: use letters, digits, _ and -`
}

/** Placeholders of other template languages: `{{a}}`, `{a}`, `$(a)`, `$a`. */
const foreignPlaceholder = /\{\{(.+?)\}\}|(?<!\$)\{([^{}]+)\}|\$\((.+?)\)(?!\))|\$([a-z]+(?:\.\w+)+)/g

/** The warning about a value with an expression that is not in `${ }`, so that the rule would set the text of the expression. */
function missingBracesWarning(
  value: RuleDefinition['set'][string],
  expressions: Expressions,
): string | undefined {
  if (typeof value !== 'string' || value.includes('${')) return undefined
  const parts = [...value.matchAll(foreignPlaceholder)].map((groups) =>
    groups.slice(1).find((part) => part !== undefined),
  )
  const expression = [value, ...parts].find((part) => part !== undefined && isExpression(part, expressions))
  return expression === undefined
    ? undefined
    : `is set as plain text: write \${${expression.trim()}} for its value`
}

function isExpression(text: string, expressions: Expressions): boolean {
  const tokens = tokensOf(text)
  return tokens.length > 1 && !isConstant(tokens) && expressions.compile(text).kind === 'ok'
}

/** Values without effect: a later rule always overwrites them, or an earlier rule always sets the same ones. */
function overwrittenValues(rules: readonly LintedRule[], problem: RulesDocument['problem']): RulesProblem[] {
  return rules.flatMap((rule, index) => {
    const same = rules.find((_, at) => at < index && isRepeated(rules, index, at))
    if (same !== undefined)
      return [
        problem(
          [...rule.path, 'set'],
          `sets only values that the earlier rule ${nameOf(same)} always sets: the rule changes nothing`,
        ),
      ]
    return attributesOf(rule).flatMap((attribute) => {
      const later = rules.findLast(
        (other, at) => at > index && alwaysSets(other, attribute, rule) && !isRepeated(rules, at, index),
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

const isFixed = (value: RuleDefinition['set'][string]): boolean =>
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
