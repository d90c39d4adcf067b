import { type Json, readJsonText } from '../values/json.ts'
import { isObject } from './envelopes/envelope.ts'

export interface JsonLines {
  /** How many lines there are, blank ones left out. */
  readonly count: number
  /** Each line by itself, at most as many as asked for. */
  readonly lines: readonly Json[]
}

/** Reads NDJSON: one JSON value on a line, blank lines skipped. Stops after `most` lines. */
export function readJsonLines(text: string, most: number): JsonLines {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return { count: lines.length, lines: lines.slice(0, most).map(readJsonText) }
}

/**
 * Whether lines are NDJSON although nobody said so: two or more, with an object on each. One document with a syntax error
 * does not look like this, since its first or last line is a bracket, or its objects are separated by commas.
 */
export const areObjects = (lines: readonly Json[]): boolean =>
  lines.length > 1 && lines.every((line) => line.kind === 'json' && isObject(line.value))
