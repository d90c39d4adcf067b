/** A word, number, quoted text or sign of an expression; `start` and `end` are characters of the source. */
export interface Token {
  readonly kind: 'word' | 'number' | 'text' | 'sign'
  readonly text: string
  readonly start: number
  readonly end: number
  /** Of a text: whether its closing quote is there. */
  readonly closed: boolean
}

/** As the CEL library reads a text: a backslash hides the next character in raw texts too. */
const text = [
  String.raw`"""(?:[^\\"]|\\[^]|"(?!""))*(?:(?<closed1>""")|\\?$)`,
  String.raw`'''(?:[^\\']|\\[^]|'(?!''))*(?:(?<closed2>''')|\\?$)`,
  String.raw`"(?:[^\\"\r\n]|\\[^])*(?<closed3>"|)\\?`,
  String.raw`'(?:[^\\'\r\n]|\\[^])*(?<closed4>'|)\\?`,
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

/** The tokens of an expression, whether or not it is correct: what has no meaning in CEL is a sign too. */
export function tokensOf(source: string): Token[] {
  return [...source.matchAll(token)].flatMap((match) => {
    const { blank, text, word, number, closed1, closed2, closed3, closed4 } = match.groups ?? {}
    if (blank !== undefined) return []
    const [whole] = match
    return [
      {
        kind:
          text !== undefined
            ? 'text'
            : word !== undefined
              ? 'word'
              : number !== undefined
                ? 'number'
                : 'sign',
        text: whole,
        start: match.index,
        end: match.index + whole.length,
        closed: text === undefined || Boolean(closed1 || closed2 || closed3 || closed4),
      },
    ]
  })
}

/** The bracket that is still open at the end of these tokens, if any: the innermost one. */
export function openBracket(tokens: readonly Token[]): Token | undefined {
  const open: Token[] = []
  for (const token of tokens) {
    if (token.kind !== 'sign') continue
    if ('([{'.includes(token.text)) open.push(token)
    else if (')]}'.includes(token.text)) open.pop()
  }
  return open.at(-1)
}
