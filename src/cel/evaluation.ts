import type { Budget } from './budget.ts'
import type { ExpressionContext, MappingContext } from './context.ts'
import { ExpressionFailure } from './expression-errors.ts'
import type { ExpressionSyntax } from './failures.ts'
import type { FindRow } from './functions/lookup.ts'

/** A compiled expression of the CEL library. */
interface Program extends ExpressionSyntax {
  run(context: ExpressionContext | MappingContext): unknown
}

/** Evaluates the expressions of one rules file, one at a time, each within the budget. */
export interface Evaluation {
  /** Throws `ExpressionFailure`. Within another evaluation: spends the steps of that one, and throws any error. */
  evaluate(program: Program, context: ExpressionContext | MappingContext, findRow: FindRow): unknown
  /** Looks up a row for the evaluation under way. */
  readonly findRow: FindRow
  /** All evaluations within `work` share the budget of one evaluation. */
  withSharedBudget<T>(work: () => T): T
}

/** `asFailure`: for an error of the CEL library; `syntax`: that of the expression that failed, perhaps that of a name of `let`. */
export function createEvaluation(
  budget: Budget,
  asFailure: (error: unknown, syntax: ExpressionSyntax) => ExpressionFailure,
): Evaluation {
  // The library does not pass the evaluation to the functions that it calls.
  let current: FindRow | undefined
  let isShared = false
  // The library passes the error of a name on to the expression that reads the name.
  const failedNames = new WeakMap<object, ExpressionSyntax>()

  /** Evaluates a name of `let`. */
  function evaluateWithin(program: Program, context: ExpressionContext | MappingContext): unknown {
    // Fails at once if no step is left, so that names that read other names twice do not multiply the work.
    budget.spend(1)
    try {
      const value = program.run(context)
      if (budget.exhausted()) throw new ExpressionFailure('too_costly')
      return value
    } catch (error) {
      if (error instanceof Error && !failedNames.has(error)) failedNames.set(error, program)
      throw error
    }
  }

  return {
    findRow: (table, key) => current?.(table, key),
    evaluate: (program, context, findRow) => {
      if (current !== undefined) return evaluateWithin(program, context)
      // Failures are common here (missing data), and capturing a stack trace takes longer than the evaluation.
      const { stackTraceLimit } = Error
      Error.stackTraceLimit = 0
      current = findRow
      if (!isShared) budget.reset()
      try {
        const value = program.run(context)
        if (budget.exhausted()) throw new ExpressionFailure('too_costly')
        return value
      } catch (error) {
        throw asFailure(error, (error instanceof Error ? failedNames.get(error) : undefined) ?? program)
      } finally {
        current = undefined
        Error.stackTraceLimit = stackTraceLimit
      }
    },
    withSharedBudget: (work) => {
      budget.reset()
      isShared = true
      try {
        return work()
      } finally {
        isShared = false
      }
    },
  }
}
