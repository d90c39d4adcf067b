import { type Token, tokensOf } from './tokens.ts'

/** An operand of `&&`, in source form; `offset`: in characters, from the start of the condition. */
export interface Conjunct {
  readonly source: string
  readonly offset: number
}

/**
 * The operands of the outermost `&&` of a valid condition, in source order. Each is a condition; all must be true. A
 * condition without `&&` is its only operand.
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
  // `||` and `?` bind less tightly than `&&`, so no `&&` beside them is outermost.
  if (outermost.some(({ text }) => text === '||' || text === '?')) return [inner]
  const ands = outermost.filter(({ text }) => text === '&&').map(({ at }) => at)
  if (ands.length === 0) return [inner]
  return [-1, ...ands].flatMap((at, index) => split(inner.slice(at + 1, ands[index])))
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
