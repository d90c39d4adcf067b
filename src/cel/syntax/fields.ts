import { asBinding, asLoop, formOf, partsOf, quotedText, type SyntaxForm, type SyntaxNode } from './syntax.ts'

/** A field that an expression reads; `offset`: in characters, from the start of the source. */
export interface FieldRead {
  /** As an author writes it: `event.body.order.id`, `lookup("tiers").tier`. */
  readonly field: string
  readonly offset: number
}

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

/** All fields in a part of an expression, without duplicates and without the fields that lead to them. */
export const fieldsIn = (node: SyntaxNode): readonly string[] => [...new Set(reads(node))]

function reads(node: SyntaxNode): readonly string[] {
  const field = fieldOf(node)
  return field === undefined ? partsOf(formOf(node)).flatMap(reads) : [field]
}

/**
 * The fields without which an expression has no result, or is not true. Leaves out fields that the expression can do without:
 * tested by `has()`, in `default()` and `.?`, on one side of `||`, in a branch of `?:`, in the body of a loop.
 */
export function requiredFields(root: SyntaxNode): readonly FieldRead[] {
  const tested = new Set(testedFields(root))
  return requiredIn(root).filter(({ field }) => !tested.has(field))
}

/** The arguments of `has()`. */
function testedFields(node: SyntaxNode): readonly string[] {
  const form = formOf(node)
  if (form.kind !== 'call' || form.on !== undefined || form.name !== 'has')
    return partsOf(form).flatMap(testedFields)
  return form.args.flatMap((argument) => fieldOf(argument) ?? [])
}

function requiredIn(node: SyntaxNode): readonly FieldRead[] {
  const form = formOf(node)
  const loop = asLoop(form)
  if (loop !== undefined) return requiredIn(loop.list)
  const binding = asBinding(form)
  if (binding !== undefined) return requiredIn(binding.body)
  if (form.kind === 'call' && form.on === undefined && (form.name === 'has' || form.name === 'default'))
    return []
  if (form.kind === 'infix' && form.operator === '||') return requiredByBoth(form.left, form.right)
  if (form.kind === 'choice') return requiredIn(form.parts[0])
  if ((form.kind === 'field' || form.kind === 'index') && isOptional(node)) return []
  const field = fieldOf(node)
  const inner = partsOf(form).flatMap(requiredIn)
  return field === undefined ? inner : [...inner, { field, offset: node.start }]
}

function requiredByBoth(left: SyntaxNode, right: SyntaxNode): readonly FieldRead[] {
  const others = new Set(requiredIn(right).map(({ field }) => field))
  return requiredIn(left).filter(({ field }) => others.has(field))
}

/** Whether the node, or a node that leads to it, uses `.?` or `[?…]`. */
function isOptional(node: SyntaxNode): boolean {
  const form = formOf(node)
  return (form.kind === 'field' || form.kind === 'index') && (form.optional || isOptional(form.of))
}
