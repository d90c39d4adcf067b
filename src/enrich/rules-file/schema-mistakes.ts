import type { z } from 'zod'
import { unknownKey } from './schema.ts'

type Path = readonly PropertyKey[]

/** Makes what is told of a place in the file. */
export interface Tell<Problem> {
  problem(path: Path, message: string): Problem
  /** At the key and not at its value. */
  atKey(path: Path, message: string): Problem
  /** Whether anything is written there. */
  has(path: Path): boolean
}

/** Says what a schema has found, which knows neither what else there could be nor what is missing altogether. */
export function describeIssue<Problem>(
  issue: z.core.$ZodIssue,
  { problem, atKey, has }: Tell<Problem>,
): Problem[] {
  const { path, message } = issue
  const unknown = (key: string, owner: Path) =>
    atKey([...owner, key], unknownKey(key, owner, has([...owner, 'url'])))
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknown(key, path))
  if (issue.code === 'invalid_key') return issue.issues.map((inner) => atKey(path, inner.message))
  const key = path.at(-1)
  if (message.startsWith('is not known here') && typeof key === 'string')
    return [unknown(key, path.slice(0, -1))]
  const isMissing = path.length > 0 && message.startsWith('must ') && !has(path)
  return [problem(path, isMissing ? `is missing: it ${message}` : message)]
}
