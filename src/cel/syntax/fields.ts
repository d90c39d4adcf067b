import { asBinding, asLoop, formOf, partsOf, quotedText, type SyntaxForm, type SyntaxNode } from './syntax.ts'

/** A field that an expression reads; `offset`: in characters, from the start of the source. */
export interface FieldRead {
  /** As an author writes it: `event.body.order.id`, `lookup("tiers").tier`. */
  readonly field: string
  readonly offset: number
}

/** The fields that an expression reads. */
export interface FieldReads {
  /** All fields, also those of names of `let`; without duplicates. */
  readonly fields: readonly string[]
  /** The fields without which the expression has no result, or is not true. For the field of a name: where the name is read. */
  readonly required: readonly FieldRead[]
}

/** What the expression of a name of `let` reads; undefined: not such a name. */
export type ReadsOfName = (name: string) => FieldReads | undefined

/** The macros that bounded-source.ts puts around parts of an expression. */
const wrappers = new Set(['_sized', '_short', '_each'])

/**
 * The field that a node reads: names, and keys as the rules file writes them. A key that depends on the event appears as the
 * field that holds it, so the text never contains a value of the event. undefined: the node is not a field.
 */
export function fieldOf(node: SyntaxNode): string | undefined {
  const form = formOf(node)
  switch (form.kind) {
    case 'field':
      return below(form.of, `.${form.name}`)
    case 'index':
      return below(form.of, keyOf(form.at))
    case 'call':
      return lookupOf(form) ?? (form.name === 'value' ? form.on && fieldOf(form.on) : undefined)
    default:
      return undefined
  }
}

function below(owner: SyntaxNode, key: string): string | undefined {
  const node = unwrapped(owner)
  const form = formOf(node)
  const path = form.kind === 'name' ? form.name : fieldOf(node)
  return path === undefined ? undefined : `${path}${key}`
}

function unwrapped(node: SyntaxNode): SyntaxNode {
  const form = formOf(node)
  const [inner] = form.kind === 'call' && wrappers.has(form.name) ? form.args : []
  return inner === undefined ? node : unwrapped(inner)
}

function keyOf(node: SyntaxNode): string {
  const text = quotedText(node)
  if (text !== undefined) return /^[A-Za-z_]\w*$/.test(text) ? `.${text}` : `[${JSON.stringify(text)}]`
  const form = formOf(node)
  return `[${form.kind === 'literal' ? String(form.value) : (fieldOf(unwrapped(node)) ?? '…')}]`
}

function lookupOf({ name, on, args }: SyntaxForm & { readonly kind: 'call' }): string | undefined {
  const table = name === 'lookup' && on === undefined ? quotedText(args[0]) : undefined
  return table === undefined ? undefined : `lookup(${JSON.stringify(table)})`
}

/**
 * All fields in a part of an expression, without duplicates and without the fields that lead to them. A name of `let` counts as
 * the fields that its expression reads.
 */
export const fieldsIn = (node: SyntaxNode, readsOfName: ReadsOfName): readonly string[] => [
  ...new Set(fieldsRead(node, readsOfName)),
]

function fieldsRead(node: SyntaxNode, readsOfName: ReadsOfName): readonly string[] {
  const field = fieldOf(node)
  if (field !== undefined) return [field]
  const form = formOf(node)
  if (form.kind === 'name') return readsOfName(form.name)?.fields ?? []
  return partsOf(form).flatMap((part) => fieldsRead(part, readsOfName))
}

/**
 * The fields without which an expression has no result, or is not true. Leaves out fields that the expression can do without:
 * tested by `has()`, in `default()` and `.?`, on one side of `||`, in a branch of `?:`, in the body of a loop.
 */
export function requiredFields(root: SyntaxNode, readsOfName: ReadsOfName): readonly FieldRead[] {
  const tested = new Set(testedFields(root, readsOfName))
  return requiredIn(root, readsOfName).filter(({ field }) => !tested.has(field))
}

/** The arguments of `has()`, and the fields that names can do without. */
function testedFields(node: SyntaxNode, readsOfName: ReadsOfName): readonly string[] {
  const form = formOf(node)
  if (form.kind === 'name') {
    const { fields = [], required = [] } = readsOfName(form.name) ?? {}
    const needed = new Set(required.map(({ field }) => field))
    return fields.filter((field) => !needed.has(field))
  }
  if (form.kind !== 'call' || form.on !== undefined || form.name !== 'has')
    return partsOf(form).flatMap((part) => testedFields(part, readsOfName))
  return form.args.flatMap((argument) => fieldOf(argument) ?? [])
}

function requiredIn(node: SyntaxNode, readsOfName: ReadsOfName): readonly FieldRead[] {
  const form = formOf(node)
  const within = (part: SyntaxNode) => requiredIn(part, readsOfName)
  if (form.kind === 'name') {
    const fields = new Set(readsOfName(form.name)?.required.map((read) => read.field))
    return [...fields].map((field) => ({ field, offset: node.start }))
  }
  const loop = asLoop(form)
  if (loop !== undefined) return within(loop.list)
  const binding = asBinding(form)
  if (binding !== undefined) return within(binding.body)
  if (form.kind === 'call' && form.on === undefined && (form.name === 'has' || form.name === 'default'))
    return []
  if (form.kind === 'infix' && form.operator === '||')
    return requiredByBoth(within(form.left), within(form.right))
  if (form.kind === 'choice') return within(form.parts[0])
  if ((form.kind === 'field' || form.kind === 'index') && isOptional(node)) return []
  const field = fieldOf(node)
  const inner = partsOf(form).flatMap(within)
  return field === undefined ? inner : [...inner, { field, offset: node.start }]
}

function requiredByBoth(left: readonly FieldRead[], right: readonly FieldRead[]): readonly FieldRead[] {
  const others = new Set(right.map(({ field }) => field))
  return left.filter(({ field }) => others.has(field))
}

/** Whether the node, or a node that leads to it, uses `.?` or `[?…]`. */
function isOptional(node: SyntaxNode): boolean {
  const form = formOf(node)
  return (form.kind === 'field' || form.kind === 'index') && (form.optional || isOptional(form.of))
}
