import { type Budget, stepsOfText } from '../budget.ts'
import { ExpressionFailure } from '../expression-failure.ts'
import type { FunctionDefinition } from './definition.ts'

/** In characters; longer than any event. */
export const maxTextLength = 1_048_576

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
  ]
}
