import type { z } from 'zod'
import { unknownKey } from './schema.ts'

type Path = readonly PropertyKey[]

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
