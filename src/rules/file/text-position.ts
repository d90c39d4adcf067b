/** A scalar node of the YAML library. */
export interface YamlScalar {
  readonly value: unknown
  /** Start, end of the value and end of the node, as positions in the file. */
  readonly range?: readonly [number, number, number] | null | undefined
  readonly type?: string | undefined
}

/**
 * The position in the file of the character at `offset` of a YAML string. Folding changes only spaces and line ends, so all
 * other characters match one to one. Undefined: the string contains other escapes than quotes.
 */
export function positionInText(
  { value, range, type }: YamlScalar,
  text: string,
  offset: number,
): number | undefined {
  if (typeof value !== 'string' || value === '' || range == null) return undefined
  let at = range[0]
  if (type === 'BLOCK_FOLDED' || type === 'BLOCK_LITERAL') at = text.indexOf('\n', at) + 1
  else if (type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE') at += 1
  for (let index = 0; ; index += 1) {
    const character = value[index] ?? ' '
    const isSpace = character.trim() === ''
    if (isSpace && index >= offset) return at
    if (isSpace) continue
    while (at < range[1] && text[at]?.trim() === '') at += 1
    const isEscaped =
      (type === 'QUOTE_DOUBLE' && text[at] === '\\') || (type === 'QUOTE_SINGLE' && text[at] === "'")
    if (text[isEscaped ? at + 1 : at] !== character) return undefined
    if (index >= offset) return at
    at += isEscaped ? 2 : 1
  }
}
