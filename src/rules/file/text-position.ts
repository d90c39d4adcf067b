/** A scalar of YAML, as the library has it. */
export interface WrittenText {
  readonly value: unknown
  /** Where it begins in the file, and where it ends. */
  readonly range?: readonly [number, number, number] | null | undefined
  readonly type?: string | undefined
}

/**
 * Where a character of a text stands in the file. Folding changes only spaces and line ends, so the others are counted off.
 * undefined where the text is written with escapes.
 */
export function placeInText(
  { value, range, type }: WrittenText,
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
