import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import {
  Composer,
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  Parser,
  type YAMLParseError,
} from 'yaml'
import { type Entry, type EntryValue, readEntries } from './read-entries.ts'
import type { Problems, TableBuilder } from './table-builder.ts'

/** Parsing yields to the event loop after this time. Composing, which takes a fifth of the parsing time, does not. */
const sliceMs = 4

/** Reads a YAML map of keys to rows or texts, or a list of rows. Numbers keep their written form. */
export async function readYaml(
  text: string,
  key: string | undefined,
  problems: Problems,
): Promise<TableBuilder | undefined> {
  const lines = new LineCounter()
  const lineAt = (position: number): number => lines.linePos(position).line
  const [document, second] = await parse(text, lines)
  if (document === undefined || second !== undefined) {
    problems.add('contains several documents: only one is allowed')
    return undefined
  }
  const { contents, errors } = document
  for (const error of errors) problems.add(`is not valid YAML: ${describe(error)}`, lineAt(error.pos[0]))
  if (errors.length > 0) return undefined
  if (!isMap(contents) && !isSeq(contents)) {
    problems.add('must be a map of keys, or a list of rows')
    return undefined
  }
  const lineOf = (node: unknown): number => (isNode(node) && node.range ? lineAt(node.range[0]) : 1)
  const entries: Iterable<Entry> = isMap(contents)
    ? contents.items.map((pair) => ({
        key: scalarText(pair.key) ?? '',
        at: lineOf(pair.key),
        value: entryValue(pair.value),
      }))
    : contents.items.map((item) => ({ key: undefined, at: lineOf(item), value: entryValue(item) }))
  return readEntries({ shape: isMap(contents) ? 'map' : 'list', entries }, key, problems)
}

/** Messages with these codes quote the file after a colon. */
const quoting = new Set<YAMLParseError['code']>([
  'UNEXPECTED_TOKEN',
  'TAG_RESOLVE_FAILED',
  'BAD_ALIAS',
  'BAD_DIRECTIVE',
])

const describe = ({ code, message }: YAMLParseError): string =>
  quoting.has(code) ? message.replace(/: .*$/s, '') : message

/** Like the library's parseDocument, but yields to the event loop. */
async function parse(text: string, lines: LineCounter): Promise<readonly Document.Parsed[]> {
  lines.addNewLine(0)
  const parser = new Parser(lines.addNewLine)
  const tokens = []
  let sliceEndsAt = performance.now() + sliceMs
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme))
    if (performance.now() < sliceEndsAt) continue
    await yieldToEventLoop()
    sliceEndsAt = performance.now() + sliceMs
  }
  tokens.push(...parser.end())
  // The library's search for duplicate keys takes quadratic time; the table builder finds them.
  const composer = new Composer({
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'error',
    uniqueKeys: false,
  })
  return [...composer.compose(tokens, true, text.length)]
}

const entryValue = (node: unknown): EntryValue =>
  isMap(node)
    ? node.items.map((pair) => [scalarText(pair.key) ?? '', scalarText(pair.value)] as const)
    : scalarText(node)

/** undefined for maps, lists and aliases. Aliases are refused: a small file could expand to a huge table. */
function scalarText(node: unknown): string | undefined {
  if (node === null) return ''
  if (!isScalar(node)) return undefined
  if (node.value === null) return ''
  return typeof node.value === 'number' ? (node.source ?? String(node.value)) : String(node.value)
}
