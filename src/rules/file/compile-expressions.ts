import type { Expression, Expressions } from '../../cel/expressions.ts'
import { typeName } from '../../cel/mistakes/mistakes.ts'
import { compileTemplate, type Template, type TemplateUse } from '../../cel/template.ts'
import type { ExpressionScope } from '../../cel/variables.ts'
import type { RulesDocument, RulesProblem } from './document.ts'
import type { Path } from './yaml-positions.ts'

/** The context in which the parts of a rules file are compiled. Each part adds its mistakes to `problems`. */
export interface Compilation {
  readonly document: RulesDocument
  readonly expressions: Expressions
  readonly problems: RulesProblem[]
}

/** Undefined: there is no condition, or it is invalid and `problems` has the reason. */
export function compileCondition(
  source: string | undefined,
  path: Path,
  scope: ExpressionScope,
  { document, expressions, problems }: Compilation,
): Expression | undefined {
  if (source === undefined) return undefined
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
  return result.expression
}

/** Undefined: the value is invalid, and `problems` has the reason. */
export function compileValue(
  source: string,
  path: Path,
  { document, expressions, problems }: Compilation,
  scope?: ExpressionScope,
  use?: TemplateUse,
): Template | undefined {
  const result = compileTemplate(source, expressions, scope, use)
  if (result.kind === 'ok') return result.template
  problems.push(document.problem(path, result.message, result.offset))
  return undefined
}
