import {
  asAccess,
  formOf,
  partsOf,
  quotedText,
  type SyntaxForm,
  type SyntaxNode,
  variableName,
} from './syntax.ts'

/** The comparison of a field with quoted texts. */
export interface Comparison {
  /** `event.mediaType` */
  readonly field: string
  /** `offset`: in characters, from the start of the source. */
  readonly values: readonly { readonly text: string; readonly offset: number }[]
}

/** The field whose value a name of `let` has; undefined: it has another value. */
type FieldOfName = (name: string) => string | undefined

/**
 * The comparisons in all parts of an expression: `field == "a"`, `"a" != field`, `field in ["a", "b"]`, and the keys of
 * `{"a": 1}[field]`. `default(field, …)`, `event.?field.orValue(…)` and a name of `let` for one of these count as the field.
 */
export function comparisonsOf(root: SyntaxNode, fieldOfName: FieldOfName): readonly Comparison[] {
  const form = formOf(root)
  const own = comparisonIn(form, fieldOfName)
  return [
    ...(own === undefined ? [] : [own]),
    ...partsOf(form).flatMap((part) => comparisonsOf(part, fieldOfName)),
  ]
}

function comparisonIn(form: SyntaxForm, fieldOfName: FieldOfName): Comparison | undefined {
  if (form.kind === 'index') return compare(form.at, keysOf(form.of), fieldOfName)
  if (form.kind !== 'infix') return undefined
  const { operator, left, right } = form
  if (operator === 'in') return compare(left, [...elementsOf(right), ...keysOf(right)], fieldOfName)
  if (operator !== '==' && operator !== '!=') return undefined
  return compare(left, [right], fieldOfName) ?? compare(right, [left], fieldOfName)
}

function compare(
  side: SyntaxNode,
  others: readonly SyntaxNode[],
  fieldOfName: FieldOfName,
): Comparison | undefined {
  const field = fieldIn(side, fieldOfName)
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

/** The field whose value is that of the node. */
export function fieldIn(node: SyntaxNode, fieldOfName: FieldOfName): string | undefined {
  const form = formOf(node)
  if (form.kind === 'name') return fieldOfName(form.name)
  if (form.kind === 'call') {
    const value = form.name === 'default' ? form.args[0] : form.name === 'orValue' ? form.on : undefined
    return value && fieldIn(value, fieldOfName)
  }
  const access = asAccess(node)
  const owner = access && variableName(access.of)
  return owner === undefined || access?.name === undefined ? undefined : `${owner}.${access.name}`
}
