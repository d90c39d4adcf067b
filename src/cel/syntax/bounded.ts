import { asBinding, asLoop, type Loop, variableName } from './macros.ts'
import { callKey, formOf, partsOf, quotedText, type SyntaxForm, type SyntaxNode } from './syntax.ts'

/** Characters. V8 searches for a longer text in time that grows with the product of both lengths. */
export const maxSought = 256
/** Characters. From the end V8 always searches like that. */
export const maxSoughtFromEnd = 16
/** Characters. The library reads a duration by a regular expression that backtracks. */
export const maxDuration = 64
/** What a failure costs that `||`, `&&`, `exists`, `all`, `default` or `.?` catches, in steps. */
const stepsOfFailure = 20

/** Of the first argument. */
const longest: ReadonlyMap<string, number> = new Map([
  ['duration/1', maxDuration],
  ['.contains/1', maxSought],
  ['.indexOf/1', maxSought],
  ['.indexOf/2', maxSought],
  ['.split/1', maxSought],
  ['.split/2', maxSought],
  ['.lastIndexOf/1', maxSoughtFromEnd],
  ['.lastIndexOf/2', maxSoughtFromEnd],
])

/** What can give a value of any size. A sum is paid for anyway. */
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
 * The expression once more, written so that its time and memory have a bound: with `_each`, `_sized` and `_short`
 * (functions/bounds.ts) around the parts whose cost depends on data, and with other functions in the place of some of
 * CEL's, as `replacements` says by call key. undefined if it needs none of this: a plain condition costs what it is long.
 */
export function boundedSource(
  root: SyntaxNode,
  source: string,
  replacements: ReadonlyMap<string, string>,
): string | undefined {
  // Loops and names multiply: what they give can hold the same long text thousands of times.
  const pays = multiplies(root)
  let changed = pays

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

  /** Where there are loops every value that is compared or handed to a function is paid for, by its size. */
  function sized(node: SyntaxNode): string {
    const paid = pays && large.has(formOf(node).kind)
    return paid ? `_sized(${print(node)})` : operand(node)
  }

  function printInfix({ operator, left, right }: SyntaxForm & { readonly kind: 'infix' }): string {
    const pay = operator === '&&' || operator === '||' ? operand : sized
    const text = `${pay(left)} ${operator} ${pay(right)}`
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
    // has() looks at the form of its argument.
    if (form.on === undefined && form.name === 'has')
      return `has(${form.args.map((part) => print(part)).join()})`
    return printFunction(form)
  }

  function printFunction({ name, on, args: given }: SyntaxForm & { readonly kind: 'call' }): string {
    const key = callKey(name, given.length, on !== undefined)
    const args = given.map((argument, index) => {
      const most = index === 0 ? longest.get(key) : undefined
      const text = sized(argument)
      if (most === undefined || quotedText(argument) !== undefined) return text
      changed = true
      return `_short(${text}, ${most})`
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

function multiplies(node: SyntaxNode): boolean {
  const form = formOf(node)
  return asLoop(form) !== undefined || asBinding(form) !== undefined || partsOf(form).some(multiplies)
}

/** Needs parentheses as a part of another expression. A sum stands in `_sized( )`. */
const isComposite = (form: SyntaxForm): boolean =>
  form.kind === 'choice' || form.kind === 'prefix' || (form.kind === 'infix' && form.operator !== '+')

/** What one element costs at most, but for what `_sized` and inner loops pay for. */
function stepsOf({ body, forgives }: Loop): number {
  return (forgives ? stepsOfFailure : 1) + body.reduce((steps, part) => steps + stepsOfPart(part), 0)
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
