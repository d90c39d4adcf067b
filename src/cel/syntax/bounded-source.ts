import {
  asBinding,
  asLoop,
  callKey,
  formOf,
  type Loop,
  partsOf,
  quotedText,
  type SyntaxForm,
  type SyntaxNode,
  variableName,
} from './syntax.ts'

/** Limits of an expression, by the names of the CEL library. */
export const expressionLimits = {
  maxAstNodes: 500,
  maxDepth: 32,
  maxListElements: 200,
  maxMapEntries: 100,
  maxCallArguments: 16,
} as const

/** Limits of an expression after `boundedSource` has added its macros. */
export const boundedLimits = { ...expressionLimits, maxAstNodes: 5_000, maxDepth: 1_000 } as const

const { maxAstNodes, maxDepth, maxListElements, maxMapEntries } = expressionLimits

export const tooLarge = `the expression is too large: the limits are ${maxAstNodes} parts, ${maxDepth} levels, ${maxListElements} elements of a list and ${maxMapEntries} entries of a map`

/** In characters. For longer search texts, the time of V8 grows with the product of both lengths. */
export const maxSought = 256
/** In characters. When V8 searches from the end, the time always grows with the product of both lengths. */
export const maxSoughtFromEnd = 16
/** In characters. The library parses a duration with a backtracking regular expression. */
export const maxDuration = 64
/** Steps of a failure that `||`, `&&`, `exists`, `all`, `default` or `.?` catches. */
const stepsOfFailure = 20

/** Call key → maximum length of the first argument. */
const maxLengths: ReadonlyMap<string, number> = new Map([
  ['duration/1', maxDuration],
  ['.contains/1', maxSought],
  ['.indexOf/1', maxSought],
  ['.indexOf/2', maxSought],
  ['.split/1', maxSought],
  ['.split/2', maxSought],
  ['.lastIndexOf/1', maxSoughtFromEnd],
  ['.lastIndexOf/2', maxSoughtFromEnd],
])

/** Kinds of nodes whose value can have any size. `+` is missing: it is always inside `_sized`. */
const large: ReadonlySet<SyntaxForm['kind']> = new Set([
  'name',
  'field',
  'index',
  'call',
  'choice',
  'list',
  'map',
])

/**
 * Rewrites an expression so that its time and memory are bounded: puts `_each`, `_sized` and `_short`
 * (functions/macros.ts) around the parts whose cost depends on data, and replaces some CEL functions.
 * `replacements`: call key → name of the replacement. `readsNames`: whether it reads names of `let`. undefined if nothing
 * changes: the cost depends only on the length of the expression.
 */
export function boundedSource(
  root: SyntaxNode,
  source: string,
  replacements: ReadonlyMap<string, string>,
  readsNames: boolean,
): string | undefined {
  // With loops, bindings and names, a value can contain the same long text thousands of times.
  const chargesSizes = readsNames || repeats(root)
  let changed = chargesSizes

  function print(node: SyntaxNode): string {
    const form = formOf(node)
    switch (form.kind) {
      case 'literal':
        return source.slice(node.start, node.end)
      case 'name':
        return form.name
      case 'field':
        return `${operand(form.of)}.${form.optional ? '?' : ''}${form.name}`
      case 'index':
        return `${operand(form.of)}[${form.optional ? '?' : ''}${print(form.at)}]`
      case 'list':
        return `[${form.elements.map((element) => print(element)).join(', ')}]`
      case 'map':
        return `{${form.entries.map((entry) => entry.map((part) => print(part)).join(': ')).join(', ')}}`
      case 'choice': {
        const [condition, yes, no] = form.parts
        return `${operand(condition)} ? ${operand(yes)} : ${operand(no)}`
      }
      case 'prefix':
        return `${form.operator}${operand(form.operand)}`
      case 'infix':
        return printInfix(form)
      case 'call':
        return printCall(form)
    }
  }

  function operand(node: SyntaxNode): string {
    return isComposite(formOf(node)) ? `(${print(node)})` : print(node)
  }

  /** In an expression with loops, every compared value and every argument costs steps by its size. */
  function sized(node: SyntaxNode): string {
    return chargesSizes && large.has(formOf(node).kind) ? `_sized(${print(node)})` : operand(node)
  }

  function printInfix({ operator, left, right }: SyntaxForm & { readonly kind: 'infix' }): string {
    const printOperand = operator === '&&' || operator === '||' ? operand : sized
    const text = `${printOperand(left)} ${operator} ${printOperand(right)}`
    if (operator !== '+') return text
    changed = true
    return `_sized(${text})`
  }

  function printCall(form: SyntaxForm & { readonly kind: 'call' }): string {
    const loop = asLoop(form)
    const binding = asBinding(form)
    if (loop !== undefined) {
      const body = loop.body.map((part) => print(part))
      const list = `_each(${print(loop.list)}, ${stepsOf(loop)})`
      return `${list}.${form.name}(${[variableName(loop.variable), ...body].join(', ')})`
    }
    if (binding !== undefined) {
      const { variable, value, body } = binding
      return `cel.bind(${variableName(variable)}, ${print(value)}, ${print(body)})`
    }
    // has() accepts only the field access itself.
    if (form.on === undefined && form.name === 'has')
      return `has(${form.args.map((part) => print(part)).join()})`
    return printFunction(form)
  }

  function printFunction({ name, on, args: given }: SyntaxForm & { readonly kind: 'call' }): string {
    const key = callKey(name, given.length, on !== undefined)
    const args = given.map((argument, index) => {
      const maxLength = index === 0 ? maxLengths.get(key) : undefined
      const text = sized(argument)
      if (maxLength === undefined || quotedText(argument) !== undefined) return text
      changed = true
      return `_short(${text}, ${maxLength})`
    })
    const replacement = replacements.get(key)
    if (replacement !== undefined) {
      changed = true
      return `${replacement}(${(on === undefined ? args : [sized(on), ...args]).join(', ')})`
    }
    const call = `${name}(${args.join(', ')})`
    const text = on === undefined ? call : `${sized(on)}.${call}`
    if (name !== 'split') return text
    changed = true
    return `_sized(${text})`
  }

  const text = print(root)
  return changed ? text : undefined
}

function repeats(node: SyntaxNode): boolean {
  const form = formOf(node)
  return asLoop(form) !== undefined || asBinding(form) !== undefined || partsOf(form).some(repeats)
}

/** Whether a node needs parentheses as an operand. `+` needs none: it is always inside `_sized( )`. */
const isComposite = (form: SyntaxForm): boolean =>
  form.kind === 'choice' || form.kind === 'prefix' || (form.kind === 'infix' && form.operator !== '+')

/** The maximum steps of one element, without the steps that `_sized` and inner loops spend. */
function stepsOf({ body, continuesOnFailure }: Loop): number {
  return (
    (continuesOnFailure ? stepsOfFailure : 1) + body.reduce((steps, part) => steps + stepsOfPart(part), 0)
  )
}

function stepsOfPart(node: SyntaxNode): number {
  const form = formOf(node)
  const loop = asLoop(form)
  if (loop !== undefined) return 1 + stepsOfPart(loop.list)
  return partsOf(form).reduce((steps, part) => steps + stepsOfPart(part), catches(form) ? stepsOfFailure : 1)
}

const catches = (form: SyntaxForm): boolean =>
  form.kind === 'infix'
    ? form.operator === '&&' || form.operator === '||'
    : form.kind === 'field' || form.kind === 'index'
      ? form.optional
      : form.kind === 'call' && form.on === undefined && form.name === 'default'
