import { type Budget, spendForSize } from '../budget.ts'
import { ExpressionFailure } from '../failure.ts'
import type { SyntaxNode } from '../syntax/syntax.ts'
import type { Macro, MacroDefinition } from './definition.ts'
import { maxTextLength } from './text.ts'

/**
 * What syntax/bounded.ts puts around parts of an expression. Each gives the part's own value, and is a macro since only
 * a macro can have the part's own type.
 */
export function createBounds(budget: Budget): readonly MacroDefinition[] {
  return [
    // `_each(list, steps)`: a loop over the list, with so many steps for each element.
    bound('_each(ast, ast): dyn', (value, steps) => budget.spend(1 + elementsOf(value) * steps)),
    // `_sized(value)`: something whose time or length grows with the value.
    bound('_sized(ast): dyn', (value) => {
      if (typeof value === 'string' && value.length > maxTextLength) throw new ExpressionFailure('too_long')
      spendForSize(value, budget)
    }),
    // `_short(text, characters)`: a text for which something is slow if it is long.
    bound('_short(ast, ast): dyn', (value, characters) => {
      if (typeof value === 'string' && value.length > characters) throw new ExpressionFailure('too_long')
    }),
  ]
}

function bound(signature: string, look: (value: unknown, parameter: number) => void): MacroDefinition {
  return {
    signature,
    expand: ({ args: [part, parameter] }): Macro => {
      if (part === undefined) throw new Error(`${signature} has no part to bound`)
      const number = numberOf(parameter)
      return {
        async: false,
        typeCheck: (checker, _, context) => checker.check(part, context),
        evaluate: (evaluator, _, context) => {
          const value = evaluator.run(part, context)
          look(value, number)
          return value
        },
      }
    },
  }
}

const numberOf = (node: SyntaxNode | undefined): number =>
  typeof node?.args === 'bigint' ? Number(node.args) : 0

function elementsOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  if (Array.isArray(value)) return value.length
  return value instanceof Map || value instanceof Set ? value.size : Object.keys(value).length
}
