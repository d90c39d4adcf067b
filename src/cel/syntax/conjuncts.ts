import { type Token, tokensOf } from './tokens.ts'

/** A part of a condition, as it is written; `offset` is where it stands in the condition. */
export interface Conjunct {
  readonly source: string
  readonly offset: number
}

/**
 * The parts of a valid condition that all have to be true, that is those which `&&` joins outermost, in their order. Each
 * is a condition by itself. A condition without `&&` is its own only part.
 */
export function conjunctsOf(source: string): readonly Conjunct[] {
  return split(tokensOf(source)).flatMap((tokens) => {
    const [first] = tokens
    const last = tokens.at(-1)
    if (first === undefined || last === undefined) return []
    return [{ source: source.slice(first.start, last.end), offset: first.start }]
  })
}

function split(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const inner = withoutParentheses(tokens)
  const outermost = outermostSigns(inner)
  // Both bind less tightly than `&&`, so that no `&&` beside them is outermost.
  if (outermost.some(({ text }) => text === '||' || text === '?')) return [inner]
  const places = outermost.filter(({ text }) => text === '&&').map(({ at }) => at)
  if (places.length === 0) return [inner]
  return [-1, ...places].flatMap((place, index) => split(inner.slice(place + 1, places[index])))
}

/** Signs outside of all brackets. */
function outermostSigns(tokens: readonly Token[]): { readonly text: string; readonly at: number }[] {
  let depth = 0
  return tokens.flatMap(({ kind, text }, at) => {
    if (kind !== 'sign') return []
    if ('([{'.includes(text)) depth += 1
    else if (')]}'.includes(text)) depth -= 1
    return depth === 0 ? [{ text, at }] : []
  })
}

function withoutParentheses(tokens: readonly Token[]): readonly Token[] {
  const enclosed = tokens[0]?.text === '(' && outermostSigns(tokens)[0]?.at === tokens.length - 1
  return enclosed ? withoutParentheses(tokens.slice(1, -1)) : tokens
}
