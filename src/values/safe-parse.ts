import type { z } from 'zod'
import { isContainer } from './json.ts'

/**
 * As `schema.safeParse`, for values from outside: zod compares the `length` of any object where it expects a text or a list, and throws
 * if that cannot be converted to a number, as in `{"length":{"toString":1}}`. `value` must not be nested deep, as after `readJson`.
 */
export function safeParse<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.ZodSafeParseResult<z.output<Schema>> {
  return withSafeLengths((safe) => schema.safeParse(safe), value)
}

/** Calls `parse` again without such lengths if it throws. The value stays invalid: it has an object in the place of a text or a list. */
export function withSafeLengths<Result>(parse: (value: unknown) => Result, value: unknown): Result {
  try {
    return parse(value)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return parse(withoutObjectLengths(value))
  }
}

function withoutObjectLengths(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutObjectLengths)
  if (!isContainer(value)) return value
  const kept = Object.entries(value).filter(([key, inner]) => key !== 'length' || !isContainer(inner))
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutObjectLengths(inner)]))
}
