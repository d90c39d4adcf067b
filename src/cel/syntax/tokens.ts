/** A word, number, quoted text or sign of an expression; `start` and `end` are offsets in characters. */
export interface Token {
  readonly kind: 'word' | 'number' | 'text' | 'sign'
  readonly text: string
  readonly start: number
  readonly end: number
}

/** A string literal by the rules of the CEL library: a backslash escapes the next character, in raw strings too. */
const text = [
  String.raw`"""(?:[^\\"]|\\[^]|"(?!""))*(?:"""|\\?$)`,
  String.raw`'''(?:[^\\']|\\[^]|'(?!''))*(?:'''|\\?$)`,
  String.raw`"(?:[^\\"\r\n]|\\[^])*"?\\?`,
  String.raw`'(?:[^\\'\r\n]|\\[^])*'?\\?`,
]
const token = new RegExp(
  [
    String.raw`(?<blank>[ \t\r\n]+|//[^\n]*)`,
    `(?<text>[bBrR]?(?:${text.join('|')}))`,
    '(?<word>[A-Za-z_][A-Za-z0-9_]*)',
    String.raw`(?<number>[0-9][A-Za-z0-9_]*(?:\.[0-9][A-Za-z0-9_]*)?)`,
    String.raw`(?<sign>[=!<>]=|&&|\|\||[^])`,
  ].join('|'),
  'gu',
)

/** The tokens of an expression, valid or not: a character that CEL does not know is a sign. */
export function tokensOf(source: string): Token[] {
  return [...source.matchAll(token)].flatMap(({ 0: text, index: start, groups = {} }) => {
    const kind = kinds.find((name) => groups[name] !== undefined)
    return kind === undefined ? [] : [{ kind, text, start, end: start + text.length }]
  })
}

const kinds = ['text', 'word', 'number', 'sign'] as const

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
