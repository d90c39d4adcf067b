/**
 * A node of the CEL library's syntax tree. `start` and `end` are offsets in characters. The tree has no parentheses: the
 * source from `start` to `end` can lack one of a pair.
 */
export interface SyntaxNode {
  readonly op: string
  readonly args: unknown
  readonly start: number
  readonly end: number
}

/** A node by its kind. */
export type SyntaxForm =
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'name'; readonly name: string }
  /** `of.name`, or `of.?name`. */
  | { readonly kind: 'field'; readonly of: SyntaxNode; readonly name: string; readonly optional: boolean }
  /** `of[at]`, or `of[?at]`. */
  | { readonly kind: 'index'; readonly of: SyntaxNode; readonly at: SyntaxNode; readonly optional: boolean }
  /** `name(…)`, or `on.name(…)`. */
  | { readonly kind: 'call'; readonly name: string; readonly on?: SyntaxNode; readonly args: Nodes }
  | { readonly kind: 'list'; readonly elements: Nodes }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [SyntaxNode, SyntaxNode])[] }
  | { readonly kind: 'choice'; readonly parts: readonly [SyntaxNode, SyntaxNode, SyntaxNode] }
  | { readonly kind: 'prefix'; readonly operator: '!' | '-'; readonly operand: SyntaxNode }
  | {
      readonly kind: 'infix'
      readonly operator: string
      readonly left: SyntaxNode
      readonly right: SyntaxNode
    }

type Nodes = readonly SyntaxNode[]

/** Only this function relies on the arguments that the library documents for each operator (`ASTNodeArgsMap`). */
export function formOf({ op, args }: SyntaxNode): SyntaxForm {
  switch (op) {
    case 'value':
      return { kind: 'literal', value: args }
    case 'id':
      return { kind: 'name', name: args as string }
    case '.':
    case '.?': {
      const [of, name] = args as [SyntaxNode, string]
      return { kind: 'field', of, name, optional: op === '.?' }
    }
    case '[]':
    case '[?]': {
      const [of, at] = args as [SyntaxNode, SyntaxNode]
      return { kind: 'index', of, at, optional: op === '[?]' }
    }
    case 'call': {
      const [name, given] = args as [string, Nodes]
      return { kind: 'call', name, args: given }
    }
    case 'rcall': {
      const [name, on, given] = args as [string, SyntaxNode, Nodes]
      return { kind: 'call', name, on, args: given }
    }
    case 'list':
      return { kind: 'list', elements: args as Nodes }
    case 'map':
      return { kind: 'map', entries: args as [SyntaxNode, SyntaxNode][] }
    case '?:':
      return { kind: 'choice', parts: args as [SyntaxNode, SyntaxNode, SyntaxNode] }
    case '!_':
    case '-_':
      return { kind: 'prefix', operator: op === '!_' ? '!' : '-', operand: args as SyntaxNode }
    default: {
      const [left, right] = args as [SyntaxNode, SyntaxNode]
      return { kind: 'infix', operator: op, left, right }
    }
  }
}

/** The child nodes, in source order. */
export function partsOf(form: SyntaxForm): Nodes {
  switch (form.kind) {
    case 'literal':
    case 'name':
      return []
    case 'field':
      return [form.of]
    case 'index':
      return [form.of, form.at]
    case 'call':
      return form.on === undefined ? form.args : [form.on, ...form.args]
    case 'list':
      return form.elements
    case 'map':
      return form.entries.flat()
    case 'choice':
      return form.parts
    case 'prefix':
      return [form.operand]
    case 'infix':
      return [form.left, form.right]
  }
}

/** The value of a string literal; undefined for any other node. */
export function quotedText(node: SyntaxNode | undefined): string | undefined {
  return node?.op === 'value' && typeof node.args === 'string' ? node.args : undefined
}

/** Identifies a function: `hash/2` for `hash(a, b)`, `.split/1` for `text.split(a)`. */
export const callKey = (name: string, args: number, method: boolean): string =>
  `${method ? '.' : ''}${name}/${args}`

/** `of.name`, or `of["name"]`; `offset`: of the name, in characters. An index other than a quoted text has no name. */
export interface Access {
  readonly of: SyntaxNode
  readonly name: string | undefined
  readonly offset: number
}

export function asAccess(node: SyntaxNode): Access | undefined {
  const form = formOf(node)
  if (form.kind === 'field') return { of: form.of, name: form.name, offset: node.end - form.name.length }
  if (form.kind === 'index') return { of: form.of, name: quotedText(form.at), offset: form.at.start }
  return undefined
}

/** A loop such as `list.exists(x, x > 1)`: evaluates `body` once for each element, as `variable`. */
export interface Loop {
  readonly list: SyntaxNode
  readonly variable: SyntaxNode
  readonly body: readonly SyntaxNode[]
  /** Whether the loop continues after an element whose evaluation failed. */
  readonly continuesOnFailure: boolean
}

/** `cel.bind(name, value, body)`. */
interface Binding {
  readonly variable: SyntaxNode
  readonly value: SyntaxNode
  readonly body: SyntaxNode
}

const loops = new Set(['all/2', 'exists/2', 'exists_one/2', 'filter/2', 'map/2', 'map/3'])

export function asLoop(form: SyntaxForm): Loop | undefined {
  if (form.kind !== 'call' || form.on === undefined || !loops.has(`${form.name}/${form.args.length}`))
    return undefined
  const [variable, ...body] = form.args
  if (variable === undefined) return undefined
  return { list: form.on, variable, body, continuesOnFailure: form.name === 'all' || form.name === 'exists' }
}

export function asBinding(form: SyntaxForm): Binding | undefined {
  if (form.kind !== 'call' || form.on === undefined || form.name !== 'bind') return undefined
  const [variable, value, body] = form.args
  if (variable === undefined || value === undefined || body === undefined) return undefined
  return { variable, value, body }
}

/** The name of a variable; undefined for any other node. */
export function variableName(node: SyntaxNode): string | undefined {
  const form = formOf(node)
  return form.kind === 'name' ? form.name : undefined
}
