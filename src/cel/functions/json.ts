import type { Budget } from '../budget.ts'
import { ExpressionFailure } from '../expression-failure.ts'
import { plainData } from '../plain-data.ts'
import type { FunctionDefinition } from './definition.ts'

/** In characters. */
export const maxJsonLength = 262_144
/** Nested lists and maps. */
export const maxJsonDepth = 64

/** Parsing short values such as `[],[],[]` takes up to 0.05 µs a character, and a step is 0.1 µs. */
const stepsOfJson = (characters: number): number => 10 + (characters >>> 1)

/**
 * `json(text)`: parses a JSON text. Throws `ExpressionFailure`: `invalid_json`,
 * `too_deep` beyond 64 levels, `too_long` beyond 262,144 characters.
 */
export const createJson = (budget: Budget): FunctionDefinition => ({
  signature: 'json(string): dyn',
  evaluate: (text: string) => {
    if (text.length > maxJsonLength) throw new ExpressionFailure('too_long')
    budget.spend(stepsOfJson(text.length))
    const value = parse(text)
    if (isDeeper(value, maxJsonDepth)) throw new ExpressionFailure('too_deep')
    return plainData(value)
  },
})

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ExpressionFailure('invalid_json') // the parser's own message quotes the text
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  for (const part of Object.values(value)) if (isDeeper(part, levels - 1)) return true
  return false
}
