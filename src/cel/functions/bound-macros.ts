import { type Budget, spendForSize } from '../budget.ts'
import { ExpressionFailure } from '../expression-failure.ts'
import type { SyntaxNode } from '../syntax/syntax.ts'
import type { Macro, MacroDefinition } from './definition.ts'
import { maxTextLength } from './text.ts'

/**
 * The macros that syntax/bounded-source.ts puts around parts of an expression. Each returns the value of the part; only a
 * macro, not a function, can also have its type.
 */
export function createBoundMacros(budget: Budget): readonly MacroDefinition[] {
  return [
    // `_each(list, steps)`: spends `steps` for each element of the list of a loop.
    bound('_each(ast, ast): dyn', (value, steps) => budget.spend(1 + elementsOf(value) * steps)),
    // `_sized(value)`: spends steps by the size of a value, and limits its length.
    bound('_sized(ast): dyn', (value) => {
      if (typeof value === 'string' && value.length > maxTextLength) throw new ExpressionFailure('too_long')
      spendForSize(value, budget)
    }),
    // `_short(text, characters)`: limits the length of a text for an operation that is slow on long texts.
    bound('_short(ast, ast): dyn', (value, characters) => {
      if (typeof value === 'string' && value.length > characters) throw new ExpressionFailure('too_long')
    }),
  ]
}

function bound(signature: string, check: (value: unknown, parameter: number) => void): MacroDefinition {
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
          check(value, number)
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
