import { type Document, isAlias, isCollection, isMap, isScalar, type Node, type Scalar } from 'yaml'

export type Path = readonly PropertyKey[]

/** The position of the value in the text, else of its key, else of the nearest parent. */
export function positionOf(document: Document, path: Path, text: string, offset: number): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = nodeAt(document, path.slice(0, length))
    if (isMap(node) && length < path.length) {
      const position = keyPosition(document, path.slice(0, length + 1))
      if (position !== undefined) return position
    }
    if (isScalar(node)) return positionInText(node, text, offset) ?? startOf(node)
    if (isCollection(node)) return startOf(node)
  }
  return document.contents === null ? 0 : startOf(document.contents)
}

export function keyPosition(document: Document, path: Path): number | undefined {
  const owner = nodeAt(document, path.slice(0, -1))
  if (!isMap(owner)) return undefined
  const pair = owner.items.find(({ key }) => isScalar(key) && String(key.value) === path.at(-1))
  return isScalar(pair?.key) ? startOf(pair.key) : undefined
}

export const startOf = (node: Node): number => node.range?.[0] ?? 0

/** The hint for a value that ends because ` #` begins a comment. */
export const cutOff = ' (" #" begins a YAML comment: put quotes around all of the value)'

export function isCutOff(document: Document, path: Path): boolean {
  const node = nodeAt(document, path)
  return isScalar(node) && node.type === 'PLAIN' && node.comment != null
}

/** The node at a path. Follows aliases. */
export function nodeAt(document: Document, path: Path): unknown {
  let node: unknown = document.contents
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document)
    node = isCollection(node) ? node.get(part, true) : undefined
  }
  return isAlias(node) ? node.resolve(document) : node
}

/** `rules[0].set.tier` */
export const printPath = (path: Path): string =>
  path
    .filter((part) => part !== '')
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`,
    )
    .join('')

/**
 * The position in the file of the character at `offset` of a YAML string. Folding changes only spaces and line ends, so all
 * other characters match one to one. Undefined: the string contains other escapes than quotes.
 */
export function positionInText(
  { value, range, type }: Scalar,
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
