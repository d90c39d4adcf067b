import type { Priority } from '../inbox/inbox.ts'
import { priorities } from '../inbox/inbox.ts'
import { compileExpression, type Expression } from './expressions.ts'
import type { RulesDocument, RulesProblem } from './rules-document.ts'
import type { RulesFile } from './rules-schema.ts'
import { compileTemplate, type Template } from './template.ts'

export interface CompiledRule {
  readonly name: string
  readonly on: readonly string[]
  /** Absent: always. */
  readonly when: Expression | undefined
  readonly priority: Priority
  readonly set: readonly { readonly attribute: string; readonly value: Template }[]
}

export type CompileResult =
  | { readonly kind: 'ok'; readonly rules: readonly CompiledRule[] }
  | { readonly kind: 'invalid'; readonly problems: readonly RulesProblem[] }

type RuleDefinition = RulesFile['rules'][number]

/** Compiles and type-checks every expression; reports all mistakes, not only the first. */
export function compileRules(document: RulesDocument): CompileResult {
  const problems: RulesProblem[] = []
  const rules = document.file.rules.map((rule, index) =>
    compileRule(rule, ['rules', index], document, problems),
  )
  return problems.length > 0 ? { kind: 'invalid', problems } : { kind: 'ok', rules }
}

function compileRule(
  rule: RuleDefinition,
  path: readonly PropertyKey[],
  document: RulesDocument,
  problems: RulesProblem[],
): CompiledRule {
  return {
    name: rule.name,
    on: rule.on,
    when:
      rule.when === undefined
        ? undefined
        : compileCondition(rule.when, [...path, 'when'], document, problems),
    priority: priorities[rule.priority],
    set: Object.entries(rule.set).flatMap(([attribute, value]) => {
      const valuePath = [...path, 'set', attribute]
      const compiled = compileTemplate(document.sourceText(valuePath, value))
      if (compiled.kind === 'ok') return [{ attribute, value: compiled.template }]
      problems.push(document.problem(valuePath, compiled.message, compiled.offset))
      return []
    }),
  }
}

function compileCondition(
  source: string,
  path: readonly PropertyKey[],
  document: RulesDocument,
  problems: RulesProblem[],
): Expression | undefined {
  const result = compileExpression(source)
  if (result.kind === 'invalid') {
    problems.push(document.problem(path, result.message, result.offset))
    return undefined
  }
  const { type } = result.expression
  if (type !== 'bool' && type !== 'dyn')
    problems.push(document.problem(path, `a condition must give true or false, but this gives ${type}`))
  return result.expression
}
