import { ExpressionFailure } from './failure.ts'

/**
 * What one evaluation may cost, in steps. A step is what it takes to evaluate the smallest part of an expression once or
 * to look at one element of a list, about 0.1 µs. It is counted, not measured, so that the same event always decides the
 * same; and it is counted before the work is done.
 */
export interface Budget {
  /** Starts an evaluation. */
  reset(): void
  /** Throws `too_costly` if there are fewer steps left, now and until the next evaluation. */
  spend(steps: number): void
  /** Whether steps were lacking, which `||` or `exists` may have taken for a part that does not matter. */
  exhausted(): boolean
}

/** 50 to 100 ms of work, which no rule that makes sense comes near to. */
export const maxSteps = 500_000

export function createBudget(limit: number = maxSteps): Budget {
  // One for all: a loop may throw it as many times as it has elements.
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

/** Steps of passing once over this many characters, as comparing, searching or changing case does. */
export const stepsOfText = (characters: number): number => 1 + (characters >>> 6)

/** Spends for all that is in a value, as comparing it would pass over: its texts, elements, and theirs. */
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
