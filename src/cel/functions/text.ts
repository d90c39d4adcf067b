import { createHash, createHmac } from 'node:crypto'
import { isDeeperThan } from '../../values/json.ts'
import { type Budget, stepsOfText } from '../budget.ts'
import { ExpressionFailure } from '../expression-errors.ts'
import { readableData } from '../readable-data.ts'
import type { FunctionDefinition } from './definition.ts'

/** In characters; longer than any event. */
export const maxTextLength = 1_048_576
/** Of the argument of `json( )`, in characters. */
export const maxJsonLength = 262_144
/** Nested lists and maps. */
export const maxJsonDepth = 64

/** Parsing short values such as `[],[],[]` takes up to 0.05 µs a character, and a step is 0.1 µs. */
const stepsOfJson = (characters: number): number => 10 + (characters >>> 1)
const stepsOfHash = (characters: number): number => 20 + stepsOfText(characters)

/**
 * `text.lower()`, `text.upper()`, `list.join(separator?)`, `hash(text, salt?)` and `json(text)`.
 * `hash(text)` is SHA-256, `hash(text, salt)` HMAC-SHA-256 with the salt as key; over UTF-8, as 64 lower-case hexadecimal
 * digits. There are so few phone numbers that trying all reverses a plain SHA-256: only a salt hides them.
 */
export function createTextFunctions(budget: Budget): readonly FunctionDefinition[] {
  const join = (parts: Iterable<unknown>, separator: string): string => {
    const texts = [...parts]
    let length = 0
    for (const text of texts) {
      if (typeof text !== 'string') throw new ExpressionFailure('invalid_list_element_type')
      length += text.length + separator.length
    }
    if (length > maxTextLength) throw new ExpressionFailure('too_long')
    budget.spend(texts.length + stepsOfText(length))
    return texts.join(separator)
  }
  return [
    { signature: 'string.lower(): string', evaluate: (text: string) => text.toLowerCase() },
    { signature: 'string.upper(): string', evaluate: (text: string) => text.toUpperCase() },
    // These replace the functions of the library, which would join the same long text thousands of times.
    {
      signature: '_join(list): string',
      insteadOf: 'list<string>.join()',
      evaluate: (parts: Iterable<unknown>) => join(parts, ''),
    },
    { signature: '_join(list, string): string', insteadOf: 'list<string>.join(string)', evaluate: join },
    {
      signature: 'hash(string): string',
      evaluate: (text: string) => {
        budget.spend(stepsOfHash(text.length))
        return createHash('sha256').update(text, 'utf8').digest('hex')
      },
    },
    {
      signature: 'hash(string, string): string',
      evaluate: (text: string, salt: string) => {
        budget.spend(stepsOfHash(text.length))
        return createHmac('sha256', salt).update(text, 'utf8').digest('hex')
      },
    },
    {
      signature: 'json(string): dyn',
      evaluate: (text: string) => {
        if (text.length > maxJsonLength) throw new ExpressionFailure('too_long')
        budget.spend(stepsOfJson(text.length))
        const value = parse(text)
        if (isDeeperThan(value, maxJsonDepth)) throw new ExpressionFailure('too_deep')
        return readableData(value)
      },
    },
  ]
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ExpressionFailure('invalid_json') // the parser's own message quotes the text
  }
}
