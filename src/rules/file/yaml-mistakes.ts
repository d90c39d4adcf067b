import { type Document, isCollection, isScalar, type Node, visit } from 'yaml'
import { startOf } from './yaml-positions.ts'

interface YamlMistake {
  readonly position: number
  readonly message: string
}

/** The YAML syntax mistakes, without those that only follow from an earlier one. */
export function yamlMistakes({ errors, warnings, contents }: Document, text: string): YamlMistake[] {
  // If the parser stopped early, all later errors follow from the first.
  const end = contents?.range?.[1] ?? 0
  const ignoredTags = warnings.filter(({ code }) => code === 'TAG_RESOLVE_FAILED')
  return [...errors.filter(({ pos: [start] }, index) => index === 0 || start < end), ...ignoredTags].map(
    ({ code, message, pos: [start] }) => {
      const open =
        code === 'BAD_INDENT' || code === 'MISSING_CHAR' ? openBefore(contents, start, text) : undefined
      return open === undefined
        ? { position: start, message: describeYamlMistake(code, message) }
        : { position: open, message: `this ${text[open]} is never closed` }
    },
  )
}

/** The position of the innermost quote or bracket that is still open at `position`. The library reports it only at the end of the text. */
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

/** The position of the first alias without an anchor. */
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

const quotes = 'needs quotes around all of it'

/** By error code of the YAML library. */
const messages: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'a tab cannot be used to indent: use spaces',
  BAD_INDENT: 'wrong indentation: the entries of one map or list begin in the same column',
  MISSING_CHAR: 'a key needs a colon and a space after it; a list entry needs a - and a space before it',
  DUPLICATE_KEY: 'duplicate key: remove one of the two',
  MULTILINE_IMPLICIT_KEY: 'a key needs a colon and a space after it',
  MULTIPLE_DOCS: 'a rules file is one document: remove the ---',
  BLOCK_AS_IMPLICIT_KEY: `this is not a single value: a text that contains ": " ${quotes}, and a map or list under a key begins on a new line`,
  UNEXPECTED_TOKEN: `unexpected text after the value: a text that begins with a quote or bracket, or contains ": " or " #", ${quotes}`,
  BAD_SCALAR_START: `a text that begins with this character ${quotes}`,
  BLOCK_IN_FLOW: 'a comma is missing between [ ] or { }, or there is a - too many',
  BAD_ALIAS: `a text that begins with * or & ${quotes}`,
  BAD_DQ_ESCAPE: 'invalid escape in double quotes: put single quotes around all of the value',
  RESOURCE_EXHAUSTION: 'this is nested too deeply',
  TAG_RESOLVE_FAILED: `a text that begins with ! ${quotes}`,
}

/** Describes a YAML syntax mistake. Without a message of its own, the code gets the message of the library. */
export const describeYamlMistake = (code: string, message: string): string =>
  Object.hasOwn(messages, code) ? (messages[code] ?? message) : message
