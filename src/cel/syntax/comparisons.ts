import { formOf, partsOf, quotedText, type SyntaxForm, type SyntaxNode } from './syntax.ts'

/** The comparison of a field with quoted texts. */
export interface Comparison {
  /** `event.mediaType` */
  readonly field: string
  readonly values: readonly ComparedText[]
}

export interface ComparedText {
  readonly text: string
  /** In characters, from the start of the source. */
  readonly offset: number
}

/**
 * The comparisons in all parts of an expression: `field == "a"`, `"a" != field`, `field in ["a", "b"]`, and the keys of
 * `{"a": 1}[field]`. `default(field, …)` and `event.?field.orValue(…)` count as the field.
 */
export function comparisonsOf(root: SyntaxNode): readonly Comparison[] {
  const form = formOf(root)
  const own = comparisonIn(form)
  return [...(own === undefined ? [] : [own]), ...partsOf(form).flatMap(comparisonsOf)]
}

function comparisonIn(form: SyntaxForm): Comparison | undefined {
  if (form.kind === 'index') return compare(form.at, keysOf(form.of))
  if (form.kind !== 'infix') return undefined
  const { operator, left, right } = form
  if (operator === 'in') return compare(left, [...elementsOf(right), ...keysOf(right)])
  if (operator !== '==' && operator !== '!=') return undefined
  return compare(left, [right]) ?? compare(right, [left])
}

function compare(side: SyntaxNode, others: readonly SyntaxNode[]): Comparison | undefined {
  const field = fieldIn(side)
  const values = others.flatMap((node) => {
    const text = quotedText(node)
    return text === undefined ? [] : [{ text, offset: node.start }]
  })
  return field === undefined || values.length === 0 ? undefined : { field, values }
}

function elementsOf(node: SyntaxNode): readonly SyntaxNode[] {
  const form = formOf(node)
  return form.kind === 'list' ? form.elements : []
}

function keysOf(node: SyntaxNode): readonly SyntaxNode[] {
  const form = formOf(node)
  return form.kind === 'map' ? form.entries.map(([key]) => key) : []
}

function fieldIn(node: SyntaxNode): string | undefined {
  const form = formOf(node)
  if (form.kind === 'call') {
    const value = form.name === 'default' ? form.args[0] : form.name === 'orValue' ? form.on : undefined
    return value && fieldIn(value)
  }
  if (form.kind !== 'field' && form.kind !== 'index') return undefined
  const owner = formOf(form.of)
  const name = form.kind === 'field' ? form.name : quotedText(form.at)
  return owner.kind === 'name' && name !== undefined ? `${owner.name}.${name}` : undefined
}
