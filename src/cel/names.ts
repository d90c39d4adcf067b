import type { ExpressionContext } from './context.ts'
import type { Expression, LookupFacts } from './expressions.ts'

/** The names of `let` that an expression can read, with their expressions, in the order in which they are defined. */
export type Names = ReadonlyMap<string, Expression>

type Result =
  | { readonly kind: 'value'; readonly value: unknown }
  /** The error itself, so that `||` and `default` treat it as if the expression stood in place of the name. */
  | { readonly kind: 'failure'; readonly error: unknown }

/** A name that was used. `code`: why it has no value. */
export interface UsedName {
  readonly name: string
  readonly code?: string
}

/** The results of names for one event and one version of its participant. */
export interface NameResults {
  /** The value of a name. Calls `evaluate` only on the first read. Throws the error of the evaluation. */
  read(expression: Expression, evaluate: () => unknown): unknown
  /** The names that were read since `startRule`, and those that their expressions read, in the order of `names`. */
  used(names: Names): readonly UsedName[]
  /** `keepsResults`: false: each name is evaluated again. */
  startRule(keepsResults: boolean): void
}

export function createNameResults(): NameResults {
  const results = new Map<Expression, Result>()
  const used = new Set<Expression>()
  return {
    read: (expression, evaluate) => {
      used.add(expression)
      const known = results.get(expression)
      // With the steps that are left to another expression, the name may have a value.
      const isKnown =
        known !== undefined && !(known.kind === 'failure' && codeOf(known.error) === 'too_costly')
      const result = isKnown ? known : resultOf(evaluate)
      results.set(expression, result)
      if (result.kind === 'failure') throw result.error
      return result.value
    },
    used: (names) => {
      const inside = new Set([...used].flatMap(({ reads }) => reads.names))
      return [...names].flatMap(([name, expression]): UsedName[] => {
        const result = results.get(expression)
        if (result === undefined || !(used.has(expression) || inside.has(name))) return []
        return [result.kind === 'value' ? { name } : { name, code: codeOf(result.error) }]
      })
    },
    startRule: (keepsResults) => {
      used.clear()
      if (!keepsResults) results.clear()
    },
  }
}

function resultOf(evaluate: () => unknown): Result {
  try {
    return { kind: 'value', value: evaluate() }
  } catch (error) {
    return { kind: 'failure', error }
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'evaluation_failed'

/** The variables of an event together with names. A name is evaluated when an expression first reads it. */
export function withNames(
  context: ExpressionContext,
  names: Names,
  results: NameResults,
  facts: LookupFacts,
): ExpressionContext {
  const named: ExpressionContext = new Proxy(context, {
    get: (variables, key) => {
      const expression = typeof key === 'string' ? names.get(key) : undefined
      if (expression === undefined) return Reflect.get(variables, key)
      return results.read(expression, () => expression.evaluate(named, facts))
    },
  })
  return named
}
