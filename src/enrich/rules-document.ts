import {
  type Document,
  isCollection,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml'
import type { z } from 'zod'
import { type RulesFile, rulesFileSchema } from './rules-schema.ts'

/** A mistake in a rules file and where it is; lines and columns count from 1. */
export interface RulesProblem {
  readonly line: number
  readonly column: number
  /** `rules[0].set.tier`; empty for mistakes of the YAML itself. */
  readonly path: string
  readonly message: string
}

type Path = readonly PropertyKey[]

/** A rules file that is valid but for its expressions, and which can still tell where each value stands. */
export interface RulesDocument {
  readonly file: RulesFile
  /** A number as the author wrote it (`007`, `1.50`), any other value unchanged. */
  sourceText(path: Path, value: string | number | boolean): string
  problem(path: Path, message: string, offset?: number): RulesProblem
}

export type RulesDocumentResult =
  | { readonly kind: 'ok'; readonly document: RulesDocument }
  | { readonly kind: 'invalid'; readonly problems: readonly RulesProblem[] }

export function parseRulesDocument(text: string): RulesDocumentResult {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' })
  const at = (position: number) => {
    const { line, col } = lines.linePos(position)
    return { line, column: col }
  }
  if (document.errors.length > 0) {
    return {
      kind: 'invalid',
      problems: document.errors.map((error) => ({
        ...at(error.pos[0]),
        path: '',
        message: `${error.message}${yamlHint(error.code)}`,
      })),
    }
  }
  const problem = (path: Path, message: string, offset = 0): RulesProblem => ({
    ...at(positionOf(document, path, text, offset)),
    path: printPath(path),
    message,
  })
  let value: unknown
  try {
    value = document.toJS() ?? {}
  } catch (error) {
    // Aliases are followed only now: one has no anchor, or there are so many that they would fill the memory.
    if (!(error instanceof ReferenceError)) throw error
    return { kind: 'invalid', problems: [{ ...at(brokenAlias(document)), path: '', message: error.message }] }
  }
  const parsed = rulesFileSchema.safeParse(value)
  if (!parsed.success) {
    return {
      kind: 'invalid',
      problems: parsed.error.issues.flatMap((issue) => describeIssue(issue, problem)),
    }
  }
  return {
    kind: 'ok',
    document: {
      file: parsed.data,
      sourceText: (path, value) => {
        const node = document.getIn(path, true)
        return typeof value === 'number' && isScalar(node) ? (node.source ?? String(value)) : String(value)
      },
      problem,
    },
  }
}

const yamlHint = (code: string): string =>
  code === 'BLOCK_AS_IMPLICIT_KEY' || code === 'BAD_SCALAR_START' || code === 'UNEXPECTED_TOKEN'
    ? ' (a value that holds ": " or " #", or starts with a quote or bracket, needs quotes around it all)'
    : ''

function brokenAlias(document: Document): number {
  let position = 0
  visit(document, {
    Alias: (_key, alias) => {
      if (alias.resolve(document) !== undefined) return undefined
      position = startOf(alias)
      return visit.BREAK
    },
  })
  return position
}

type MakeProblem = RulesDocument['problem']

function describeIssue(issue: z.core.$ZodIssue, problem: MakeProblem): RulesProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => problem([...issue.path, key], 'is not known here: check the spelling'))
  }
  if (issue.code === 'invalid_key') {
    return issue.issues.map((inner) => problem(issue.path, inner.message))
  }
  return [problem(issue.path, issue.message)]
}

/** The value's place, else its key's, else that of the nearest parent. */
function positionOf(document: Document, path: Path, text: string, offset: number): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const here = path.slice(0, length)
    const node = length === 0 ? document.contents : document.getIn(here, true)
    if (isMap(node) && length < path.length) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === path[length])
      if (isScalar(pair?.key)) return startOf(pair.key)
    }
    if (isScalar(node)) return startOf(node) + offsetInside(node, text, offset)
    if (isCollection(node)) return startOf(node)
  }
  return document.contents === null ? 0 : startOf(document.contents)
}

const startOf = (node: Node): number => node.range?.[0] ?? 0

/** Exact where the scalar stands in the file as it is read; its start where it is folded or escaped. */
function offsetInside(
  node: { range?: readonly number[] | null | undefined; value: unknown },
  text: string,
  offset: number,
): number {
  const start = node.range?.[0] ?? 0
  for (const quote of [0, 1]) {
    if (typeof node.value === 'string' && text.startsWith(node.value, start + quote)) return quote + offset
  }
  return 0
}

const printPath = (path: Path): string =>
  path
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`,
    )
    .join('')
