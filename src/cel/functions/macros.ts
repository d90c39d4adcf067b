import { type Budget, spendForSize } from '../budget.ts'
import { ExpressionFailure, ExpressionMistake, missingCodes } from '../expression-errors.ts'
import { typeName } from '../mistakes/mistakes.ts'
import type { SyntaxNode } from '../syntax/syntax.ts'
import { maxTextLength } from './text.ts'

/**
 * A function that gets its arguments unevaluated. The library calls `expand` for each call in an expression, then
 * `typeCheck` when the rules are loaded and `evaluate` for each event.
 */
interface MacroDefinition {
  readonly signature: string
  expand(call: { readonly args: readonly SyntaxNode[] }): Macro
}

/** Has the parts of the library's type checker and evaluator that macros need. */
interface Macro {
  typeCheck(
    checker: { check(node: SyntaxNode, context: unknown): { readonly name: string; readonly kind: string } },
    macro: unknown,
    context: unknown,
  ): unknown
  evaluate(
    evaluator: { run(node: SyntaxNode, context: unknown): unknown },
    macro: unknown,
    context: unknown,
  ): unknown
  /** Macros are synchronous; otherwise the library prepares for promises. */
  readonly async: false
}

/** `default(value, fallback)`: the fallback if the value is missing or null. Other failures are not caught. */
export const defaultMacro: MacroDefinition = {
  signature: 'default(ast, ast): dyn',
  expand: ({ args: [value, fallback] }): Macro => {
    if (value === undefined || fallback === undefined) throw new Error('default() has two arguments')
    return {
      async: false,
      typeCheck: (checker, _, context) => {
        const type = checker.check(value, context)
        const fallbackType = checker.check(fallback, context)
        if (type.kind === 'dyn' || type.name === fallbackType.name) return type
        if (fallbackType.kind === 'dyn') return fallbackType
        throw new ExpressionMistake(
          `the fallback must have the type of the value: the value is ${typeName(type.name)}, this is ${typeName(fallbackType.name)}`,
          fallback.start,
        )
      },
      evaluate: (evaluator, _, context) => {
        try {
          const found = evaluator.run(value, context)
          if (found !== null) return found
        } catch (error) {
          if (!(error instanceof Error && 'code' in error && missingCodes.has(error.code))) throw error
        }
        return evaluator.run(fallback, context)
      },
    }
  },
}

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
