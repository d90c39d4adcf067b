import type { z } from 'zod'
import { isObject } from '../../values/json.ts'
import { safeParse } from '../../values/safe-parse.ts'
import { unknownKey } from './schema.ts'
import type { Path } from './yaml-positions.ts'

/** Creates problems with their position in the file. */
export interface ProblemFactory<Problem> {
  problem(path: Path, message: string): Problem
  /** At the key, not at its value. */
  atKey(path: Path, message: string): Problem
  /** Whether the file has a value at this path. */
  has(path: Path): boolean
}

/** Turns a schema issue into problems. Lists the known keys for an unknown one, and says if a value is missing. */
export function issueProblems<Problem>(
  issue: z.core.$ZodIssue,
  { problem, atKey, has }: ProblemFactory<Problem>,
): Problem[] {
  const { path, message } = issue
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => atKey([...path, key], unknownKey(key, path, has([...path, 'url']))))
  if (issue.code === 'invalid_key') return issue.issues.map((inner) => atKey(path, inner.message))
  const isMissing = path.length > 0 && !has(path)
  return [problem(path, isMissing ? `is missing: it ${message}` : message)]
}

/**
 * Returns an entry without the parts that its schema rejected, so that the expressions in the other parts are still checked.
 * `placeholders` replace required parts. Undefined: the rest is still invalid.
 */
export function withoutInvalidParts<T>(
  schema: z.ZodType<T>,
  entry: unknown,
  issues: readonly z.core.$ZodIssue[],
  placeholders: Readonly<Record<string, unknown>>,
): T | undefined {
  if (!isObject(entry)) return undefined
  const rest = structuredClone(entry)
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') for (const key of issue.keys) remove(rest, [...issue.path, key])
    else remove(rest, issue.path)
  }
  return safeParse(schema, { ...placeholders, ...rest }).data
}

/** Removes a part. Removes a list as a whole, and a map that becomes empty. */
function remove(map: Record<PropertyKey, unknown>, [key, ...inside]: readonly PropertyKey[]): void {
  if (key === undefined) return
  const inner = map[key]
  if (inside.length > 0 && isObject(inner)) remove(inner, inside)
  if (inside.length === 0 || !isObject(inner) || Object.keys(inner).length === 0) delete map[key]
}
