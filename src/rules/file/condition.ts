import type { Expression, Expressions } from '../../cel/expressions.ts'
import { typeName } from '../../cel/mistakes/mistakes.ts'
import type { ExpressionScope } from '../../cel/variables.ts'
import type { RulesDocument, RulesProblem } from './document.ts'

export interface Condition {
  readonly source: string
  readonly expression: Expression
}

/** The context in which the parts of a rules file are compiled. Each part adds its mistakes to `problems`. */
export interface Compilation {
  readonly document: RulesDocument
  readonly expressions: Expressions
  readonly problems: RulesProblem[]
}

/** Undefined: the expression is invalid, and `problems` has the reason. */
export function compileCondition(
  source: string,
  path: readonly PropertyKey[],
  scope: ExpressionScope,
  { document, expressions, problems }: Compilation,
): Condition | undefined {
  const result = expressions.compile(source, scope)
  if (result.kind === 'invalid') {
    problems.push(document.problem(path, result.message, result.offset))
    return undefined
  }
  const { type } = result.expression
  if (type !== 'bool' && type !== 'dyn')
    problems.push(
      document.problem(path, `a condition must give true or false, but this gives ${typeName(type)}`),
    )
  return { source, expression: result.expression }
}
