import { ExpressionFailure } from './expression-errors.ts'

/**
 * Limits the work of one evaluation, in steps. One step, about 0.1 µs, evaluates the smallest part of an expression once or
 * visits one list element. Steps are counted, not timed: the same event always gets the same decision. Callers spend the
 * steps before they do the work.
 */
export interface Budget {
  reset(): void
  /** Throws `too_costly` if too few steps are left; every later call throws too, until the next `reset`. */
  spend(steps: number): void
  /** Whether `spend` has thrown since `reset`. `||` and `exists` may have swallowed the exception. */
  exhausted(): boolean
}

/** 50 to 100 ms of work, far above the cost of any useful rule. */
export const maxSteps = 500_000

export function createBudget(limit: number = maxSteps): Budget {
  // One shared instance: a loop may throw it once per element.
  const tooCostly = new ExpressionFailure('too_costly')
  let left = limit
  return {
    reset: () => {
      left = limit
    },
    spend: (steps) => {
      left -= steps
      if (left < 0) throw tooCostly
    },
    exhausted: () => left < 0,
  }
}

/** The steps to read this many characters once, as comparing, searching or changing case does. */
export const stepsOfText = (characters: number): number => 1 + (characters >>> 6)

/** Spends the steps to compare a value: for its strings and elements, at every level. */
export function spendForSize(value: unknown, budget: Budget): void {
  if (typeof value === 'string') budget.spend(stepsOfText(value.length))
  if (typeof value !== 'object' || value === null) return
  const waiting: unknown[] = [value]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next === 'string') budget.spend(stepsOfText(next.length))
    else if (typeof next === 'object' && next !== null) {
      const parts = partsOf(next)
      budget.spend(1 + parts.length)
      for (const part of parts) if (typeof part === 'string' || typeof part === 'object') waiting.push(part)
    }
  }
}

function partsOf(value: object): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (value instanceof Map) return [...value.values()]
  if (value instanceof Uint8Array) return new Array(value.length >>> 6)
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype ? Object.values(value) : []
}
