import { isObject, type Json } from './json.ts'

/** The lines of NDJSON, without blank ones. */
export const linesIn = (text: string): readonly string[] =>
  text.split('\n').filter((line) => line.trim() !== '')

/**
 * Detects NDJSON that is not declared as such: two or more lines, each a JSON object. A single document with a syntax error
 * does not match, because its first or last line is a bracket, or commas separate its objects.
 */
export const areObjects = (lines: readonly Json[]): boolean =>
  lines.length > 1 && lines.every((line) => line.kind === 'json' && isObject(line.value))
