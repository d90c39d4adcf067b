import { formOf, type SyntaxForm, type SyntaxNode } from './syntax.ts'

/** A loop such as `list.exists(x, x > 1)`: evaluates `body` once for each element, as `variable`. */
export interface Loop {
  readonly list: SyntaxNode
  readonly variable: SyntaxNode
  readonly body: readonly SyntaxNode[]
  /** Whether the loop continues after an element whose evaluation failed. */
  readonly continuesOnFailure: boolean
}

/** `cel.bind(name, value, body)`. */
export interface Binding {
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
