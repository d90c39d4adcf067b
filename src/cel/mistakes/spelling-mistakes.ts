import type { Mistake } from '../expression-errors.ts'
import { tooLarge } from '../syntax/bounded-source.ts'
import { type Token, tokensOf } from '../syntax/tokens.ts'

/** Operator of another language → CEL operator. */
const operatorWords: ReadonlyMap<string, string> = new Map([
  ['and', '&&'],
  ['or', '||'],
  ['not', '!'],
  ['is', '=='],
  ['eq', '=='],
  ['equals', '=='],
  ['ne', '!='],
  ['isnt', '!='],
])

/** Signs without a meaning in CEL → what to write instead. */
const signs: ReadonlyMap<string, string> = new Map([
  ['=', 'compare with ==, !=, <= or >='],
  ['&', 'write && instead of &'],
  ['|', 'write || instead of |'],
  ['`', 'put a text between quotes, "'],
  ['$', 'remove ${ }: this is already an expression'],
  ['#', 'a comment begins with //'],
])

/** Explains an expression that cannot be parsed. `isMethod`: whether texts have a method with this name. */
export function describeSpelling(
  { code, offset }: { readonly code: string; readonly offset: number },
  source: string,
  isMethod: (name: string) => boolean,
): Mistake | undefined {
  if (code === 'limit_exceeded') return { message: tooLarge, offset }
  if (code !== 'unexpected_character' && code !== 'expected_token') return undefined
  const tokens = tokensOf(source)
  const at = tokens.findIndex(({ end }) => end > offset)
  const token = tokens[at]
  if (token === undefined) return undefined
  const word = describeWord(token, tokens[at - 1], isMethod)
  if (word !== undefined || code === 'expected_token') return word
  return { message: describeSign(token.text) ?? describeSurplus(token), offset }
}

function describeWord(
  { kind, text, start }: Token,
  previous: Token | undefined,
  isMethod: (name: string) => boolean,
): Mistake | undefined {
  if (previous?.kind === 'word' && previous.text.toLowerCase() === 'not')
    return { message: `write ! instead of ${previous.text}`, offset: previous.start }
  if (kind !== 'word') return undefined
  if (text.toLowerCase() === 'not') return { message: 'write not in as !(a in b)', offset: start }
  const operator = operatorWords.get(text.toLowerCase())
  if (operator !== undefined) return { message: `write ${operator} instead of ${text}`, offset: start }
  if (isMethod(text)) return { message: `${text} is a method: write text.${text}( )`, offset: start }
  return undefined
}

function describeSign(text: string): string | undefined {
  if (/[“”„‟«»‘’‚‹›]/.test(text)) return `${text} is a typographic quote: use the straight quote "`
  if (/^[\p{Z}\p{C}]/u.test(text)) {
    const number = (text.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    return `there is an invisible character (U+${number}): type a normal space`
  }
  return signs.get(text)
}

function describeSurplus({ kind, text }: Token): string {
  if (kind === 'sign') return `${text} is not allowed here`
  const shown = text.length > 20 ? `${text.slice(0, 20)}…` : text
  return `${shown} is not allowed here: is an operator such as == or && missing before it?`
}
