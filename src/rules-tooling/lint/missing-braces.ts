import type { Expressions } from '../../cel/expressions.ts'
import { tokensOf } from '../../cel/syntax/tokens.ts'
import { isConstant } from './constraints.ts'

/** Placeholders of other template languages: `{{a}}`, `{a}`, `$(a)`, `$a`. */
const foreignPlaceholder = /\{\{(.+?)\}\}|(?<!\$)\{([^{}]+)\}|\$\((.+?)\)(?!\))|\$([a-z]+(?:\.\w+)+)/g

/** The warning about a value with an expression that is not in `${ }`, so that the rule would set the text of the expression. */
export function missingBracesWarning(value: unknown, expressions: Expressions): string | undefined {
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
