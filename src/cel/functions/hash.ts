import { createHash, createHmac } from 'node:crypto'
import { type Budget, stepsOfText } from '../budget.ts'
import type { FunctionDefinition } from './definition.ts'

/**
 * `hash(text)` is SHA-256, `hash(text, salt)` HMAC-SHA-256 with the salt as key; over UTF-8, as 64 lower-case hexadecimal
 * digits. There are so few phone numbers that trying all reverses a plain SHA-256: only a salt hides them.
 */
export function createHashFunctions(budget: Budget): readonly FunctionDefinition[] {
  const spend = (text: string) => budget.spend(20 + stepsOfText(text.length))
  return [
    {
      signature: 'hash(string): string',
      evaluate: (text: string) => {
        spend(text)
        return createHash('sha256').update(text, 'utf8').digest('hex')
      },
    },
    {
      signature: 'hash(string, string): string',
      evaluate: (text: string, salt: string) => {
        spend(text)
        return createHmac('sha256', salt).update(text, 'utf8').digest('hex')
      },
    },
  ]
}
