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
