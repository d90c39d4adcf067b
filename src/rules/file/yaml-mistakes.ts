import { type Document, isCollection, isScalar, type Node, visit } from 'yaml'
import { describeYaml } from './yaml-mistake-text.ts'
import { startOf } from './yaml-positions.ts'

export interface YamlMistake {
  readonly position: number
  readonly message: string
}

/** What is wrong with the YAML itself, without what only follows from another mistake. */
export function yamlMistakes({ errors, warnings, contents }: Document, text: string): YamlMistake[] {
  // Where reading has come to an early end, all that follows is wrong.
  const end = contents?.range?.[1] ?? 0
  const ignoredTags = warnings.filter(({ code }) => code === 'TAG_RESOLVE_FAILED')
  return [...errors.filter(({ pos: [start] }, index) => index === 0 || start < end), ...ignoredTags].map(
    ({ code, message, pos: [start] }) => {
      const open =
        code === 'BAD_INDENT' || code === 'MISSING_CHAR' ? openBefore(contents, start, text) : undefined
      return open === undefined
        ? { position: start, message: describeYaml(code, message) }
        : { position: open, message: `this ${text[open]} is never closed` }
    },
  )
}

/** Where the innermost quote or bracket is opened that is open at this position; such a mistake is told where the text ends. */
function openBefore(contents: Node | null, position: number, text: string): number | undefined {
  let found: number | undefined
  visit(contents, (_key, node) => {
    if (!isScalar(node) && !isCollection(node)) return
    const [start, end] = node.range ?? [0, 0]
    const sign = text[start] ?? ''
    const closing = { '"': '"', "'": "'", '[': ']', '{': '}' }[sign]
    const closed = end > start + 1 && text[end - 1] === closing
    if (closing !== undefined && !closed && start < position && position <= end) found = start
  })
  return found
}

/** Where an alias stands that has no anchor. */
export function brokenAlias(document: Document): number | undefined {
  let position: number | undefined
  visit(document, {
    Alias: (_key, alias) => {
      if (alias.resolve(document) !== undefined) return undefined
      position = startOf(alias)
      return visit.BREAK
    },
  })
  return position
}
