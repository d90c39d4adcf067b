import type { z } from 'zod'
import { unknownKey } from './schema.ts'

type Path = readonly PropertyKey[]

/** Makes problems of places in the file. */
export interface Tell<Problem> {
  problem(path: Path, message: string): Problem
  /** At the key and not at its value. */
  atKey(path: Path, message: string): Problem
  /** Whether anything is written there. */
  has(path: Path): boolean
}

/** Adds to a schema's message the known keys, and whether a value is missing: then the message begins with `must`. */
export function describeIssue<Problem>(
  issue: z.core.$ZodIssue,
  { problem, atKey, has }: Tell<Problem>,
): Problem[] {
  const { path, message } = issue
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => atKey([...path, key], unknownKey(key, path, has([...path, 'url']))))
  if (issue.code === 'invalid_key') return issue.issues.map((inner) => atKey(path, inner.message))
  const isMissing = path.length > 0 && !has(path)
  return [problem(path, isMissing ? `is missing: it ${message}` : message)]
}
