import { ExpressionMistake } from '../expression-mistake.ts'
import { typeName } from '../mistakes/type-names.ts'
import type { Macro, MacroDefinition } from './definition.ts'

/** The codes of the CEL library for missing data. */
const missing = new Set(['no_such_key', 'index_out_of_bounds', 'optional_value_missing'])

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
          if (!isMissing(error)) throw error
        }
        return evaluator.run(fallback, context)
      },
    }
  },
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && missing.has(error.code)
