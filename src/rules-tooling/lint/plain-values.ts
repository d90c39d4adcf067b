import type { Expressions } from '../../cel/expressions.ts'
import { tokensOf } from '../../cel/syntax/tokens.ts'
import { isConstant } from './demands.ts'

/** How others mark what is to be calculated: `{{a}}`, `{a}`, `$(a)`, `$a`. */
const marked = /\{\{(.+?)\}\}|(?<!\$)\{([^{}]+)\}|\$\((.+?)\)(?!\))|\$([a-z]+(?:\.\w+)+)/g

/** A value that holds an expression of rules without `${ }`, so that the expression itself is what is set. */
export function adviceOnPlainValue(value: unknown, expressions: Expressions): string | undefined {
  if (typeof value !== 'string' || value.includes('${')) return undefined
  const parts = [...value.matchAll(marked)].map((groups) =>
    groups.slice(1).find((part) => part !== undefined),
  )
  const meant = [value, ...parts].find((part) => part !== undefined && isExpression(part, expressions))
  return meant === undefined ? undefined : `is set as it is written: \${${meant.trim()}} stands for the value`
}

function isExpression(text: string, expressions: Expressions): boolean {
  const tokens = tokensOf(text)
  return tokens.length > 1 && !isConstant(tokens) && expressions.compile(text).kind === 'ok'
}
