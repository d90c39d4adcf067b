import { type Budget, spendForSize, stepsOfText } from '../budget.ts'
import { ExpressionFailure } from '../failure.ts'
import { plainData } from '../plain-data.ts'
import type { FunctionDefinition } from './definition.ts'
import { maxTextLength } from './text.ts'

/**
 * `json(text)` reads JSON text, for senders that put JSON into a text field. Fails with `invalid_json` where it is not JSON.
 * Levels below the 100th are left out, as of every event.
 */
export const createJsonFunction = (budget: Budget): FunctionDefinition => ({
  signature: 'json(string): dyn',
  evaluate: (text: string) => {
    if (text.length > maxTextLength) throw new ExpressionFailure('too_long')
    // Reading costs several times what passing over it once does.
    budget.spend(20 + 8 * stepsOfText(text.length))
    const data = plainData(parse(text))
    spendForSize(data, budget)
    return data
  },
})

/** The parser's own message quotes the text. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ExpressionFailure('invalid_json')
  }
}
