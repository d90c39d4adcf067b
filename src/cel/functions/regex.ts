import { createRequire } from 'node:module'
import type { RE2JS, RE2JSSyntaxException } from 're2js'
import type { Budget } from '../budget.ts'
import { ExpressionFailure } from '../expression-errors.ts'
import type { ArgumentProblem, FunctionDefinition } from './definition.ts'
import { maxTextLength } from './text.ts'

/** In characters. */
export const maxPatternLength = 500
/** Instructions of a compiled pattern: `(a{30}){30}` has 962. */
export const maxPatternSize = 1_000

/** Only rules that use patterns need the library (5 MB), so the first pattern loads it. */
const loadRe2 = (): typeof import('re2js') => createRequire(import.meta.url)('re2js')

/** Texts and group numbers (`\1`; 0 is the whole match). */
type Replacement = readonly (string | number)[]

/**
 * `text.matches(pattern)`, `regex.extract(text, pattern)`, `regex.replace(text, pattern, replacement)`, in RE2
 * syntax. Patterns are compiled when the rules are loaded. The time of RE2 is linear in the length of the text; the engine of
 * JavaScript backtracks, so a caller could choose an address that keeps it busy forever.
 */
export function createRegexFunctions(budget: Budget): readonly FunctionDefinition[] {
  const patterns = new Map<string, RE2JS>()
  const replacements = new Map<string, Replacement>()

  const compile = (source: string, argument: number): ArgumentProblem | undefined => {
    if (patterns.has(source)) return undefined
    const message = (problem: string) => ({ argument, message: `the pattern ${problem}` })
    if (source.length > maxPatternLength) return message(`is longer than ${maxPatternLength} characters`)
    const { RE2JS, RE2JSSyntaxException } = loadRe2()
    try {
      const pattern = RE2JS.compile(source)
      if (pattern.programSize() > maxPatternSize)
        return message('is too large: it repeats too much, or too many times')
      patterns.set(source, pattern)
      return undefined
    } catch (error) {
      if (error instanceof RE2JSSyntaxException) return message(`is not correct: ${explain(error)}`)
      throw error
    }
  }
  const patternOf = (source: string): RE2JS => {
    const pattern = patterns.get(source)
    if (pattern === undefined) throw new Error('the pattern is not compiled')
    return pattern
  }
  /** The search for the next match can read the rest of the text once per instruction. */
  const spend = (characters: number, pattern: RE2JS) =>
    budget.spend(1 + ((characters * pattern.programSize()) >>> 3))

  return [
    {
      signature: '_matches(string, string): bool',
      insteadOf: 'string.matches(string)',
      quoted: [0],
      check: ([pattern = '']) => compile(pattern, 0),
      evaluate: (text: string, source: string) => {
        const pattern = patternOf(source)
        spend(text.length, pattern)
        return pattern.test(text)
      },
    },
    {
      signature: 'Regex.extract(string, string): string',
      quoted: [1],
      check: ([, pattern = '']) => {
        const problem = compile(pattern, 1)
        if (problem !== undefined || patternOf(pattern).groupCount() < 2) return problem
        return {
          argument: 1,
          message: 'extract() returns one group ( ): write the others as (?: )',
        }
      },
      evaluate: (_: unknown, text: string, source: string) => {
        const pattern = patternOf(source)
        spend(text.length, pattern)
        const match = pattern.matcher(text)
        return match.find() ? (match.group(pattern.groupCount()) ?? '') : ''
      },
    },
    {
      signature: 'Regex.replace(string, string, string): string',
      quoted: [1, 2],
      check: ([, pattern = '', replacement = '']) => {
        const problem = compile(pattern, 1)
        if (problem !== undefined) return problem
        const parts = readReplacement(replacement)
        const groups = patternOf(pattern).groupCount()
        const missing = parts?.find((part) => typeof part === 'number' && part > groups)
        if (missing !== undefined)
          return { argument: 2, message: `\\${missing} refers to a group that the pattern does not have` }
        if (parts === undefined)
          return {
            argument: 2,
            message: 'a backslash in a replacement needs a digit after it, or another backslash',
          }
        replacements.set(replacement, parts)
        return undefined
      },
      evaluate: (_: unknown, text: string, source: string, replacement: string) => {
        const pattern = patternOf(source)
        const parts = replacements.get(replacement) ?? []
        const match = pattern.matcher(text)
        let result = ''
        let copied = 0
        for (spend(text.length, pattern); match.find(); spend(text.length - copied, pattern)) {
          result += text.slice(copied, match.start())
          for (const part of parts) result += typeof part === 'string' ? part : (match.group(part) ?? '')
          if (result.length > maxTextLength) throw new ExpressionFailure('too_long')
          copied = match.end()
        }
        return result + text.slice(copied)
      },
    },
  ]
}

/** undefined if a backslash is not followed by a digit or a backslash. */
function readReplacement(text: string): Replacement | undefined {
  const parts = text.split(/(\\[\s\S]?)/)
  if (parts.some((part) => part.startsWith('\\') && !/^\\[0-9\\]$/.test(part))) return undefined
  return parts.map((part) =>
    part === '\\\\' ? '\\' : part.startsWith('\\') ? Number.parseInt(part.slice(1), 10) : part,
  )
}

/** The message of RE2, with a hint for lookaround, which RE2 lacks. */
function explain(error: RE2JSSyntaxException): string {
  const pattern = error.getPattern()
  const description = `${error.getDescription()}${pattern ? ` in ${JSON.stringify(pattern)}` : ''}`
  const lookaround = /^\(\?<?[=!]/.test(pattern ?? '')
  return lookaround ? `${description} (RE2 has no lookahead and lookbehind)` : description
}
