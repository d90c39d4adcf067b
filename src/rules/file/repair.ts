import type { z } from 'zod'

/**
 * An entry without the parts that its schema refused, so that the expressions in the others are checked too. `placeholders`
 * stand for required parts. undefined: too little of it is left.
 */
export function repaired<T>(
  schema: z.ZodType<T>,
  entry: unknown,
  issues: readonly z.core.$ZodIssue[],
  placeholders: Readonly<Record<string, unknown>>,
): T | undefined {
  if (!isMapping(entry)) return undefined
  const rest = structuredClone(entry)
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') for (const key of issue.keys) remove(rest, [...issue.path, key])
    else remove(rest, issue.path)
  }
  return safely(schema, { ...placeholders, ...rest }).data
}

/** Removes a list as a whole, and a map that would be empty. */
function remove(map: Record<PropertyKey, unknown>, [key, ...inside]: readonly PropertyKey[]): void {
  if (key === undefined) return
  const inner = map[key]
  if (inside.length > 0 && isMapping(inner)) remove(inner, inside)
  if (inside.length === 0 || !isMapping(inner) || Object.keys(inner).length === 0) delete map[key]
}

/** zod compares the `length` of whatever has one, and fails where that is nothing to be compared. */
export function safely<T>(schema: z.ZodType<T>, part: unknown): z.ZodSafeParseResult<T> {
  try {
    return schema.safeParse(part)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return schema.safeParse(undefined)
  }
}

export const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
