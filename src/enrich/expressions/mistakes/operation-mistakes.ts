import { formOf, partsOf, quotedText, type SyntaxForm, type SyntaxNode } from '../syntax/syntax.ts'
import { tokensOf } from '../syntax/tokens.ts'
import { checkedType } from './checked-type.ts'
import type { Description, LibraryMistake } from './mistake.ts'
import { typeName } from './type-names.ts'

const time = 'google.protobuf.Timestamp'
const numbers = new Set(['int', 'uint', 'double'])
const joinable = new Set([...numbers, 'bool', time])
const orders = new Set(['<', '<=', '>', '>='])

/** A part with its type, and how to call it in a sentence. */
interface Operand {
  readonly type: string
  readonly shown: string
  readonly node: SyntaxNode
}

/** Values that operators cannot take, or not together. */
export function describeOperation(
  { code, offset }: LibraryMistake,
  node: SyntaxNode,
  source: string,
): Description | undefined {
  const form = formOf(node)
  const operands = partsOf(form).map((part): Operand => {
    return { node: part, type: checkedType(part) ?? 'dyn', shown: show(part, source) }
  })
  const message = messageFor(code, form, operands, {
    node,
    type: checkedType(node) ?? 'dyn',
    shown: show(node, source),
  })
  return message === undefined ? undefined : { message, offset: offsetFor(code, node, operands) ?? offset }
}

function messageFor(
  code: string,
  form: SyntaxForm,
  operands: readonly Operand[],
  whole: Operand,
): string | undefined {
  const [left, right] = operands
  switch (code) {
    case 'no_such_overload':
      if (form.kind === 'prefix' && left !== undefined)
        return `${form.operator} needs ${form.operator === '!' ? 'true or false' : 'a number'}, but ${isType(left)}`
      return form.kind === 'infix' && left !== undefined && right !== undefined
        ? describeInfix(form.operator, left, right)
        : undefined
    case 'invalid_logical_operand': {
      const wrong = operands.find(({ type }) => !mayBe('bool', type))
      return wrong && `&& and || join conditions, but ${isType(wrong)}${hintForCondition(wrong)}`
    }
    case 'invalid_condition_type':
      return `a condition is needed here, but ${isType(whole)}${hintForCondition(whole)}`
    case 'incompatible_ternary_branches':
      return operands[1] && operands[2]
        ? `both answers have to be of one kind, but ${isType(operands[1])} and ${isType(operands[2])}`
        : undefined
    case 'heterogeneous_list_element':
    case 'heterogeneous_map_key':
    case 'heterogeneous_map_value':
      return `all elements of a list or map have to be of one kind, but ${isType(whole)}, unlike those before`
    case 'invalid_comprehension_range':
      return `a list or a map is needed here, but ${isType(whole)}`
    case 'cannot_index_type':
      return left && `${isType(left)}, and has no fields${hintForFields(form, left)}`
    case 'invalid_index_type':
      return right && `an element of a list is chosen by a whole number, but ${isType(right)}`
    case 'incompatible_argument_type':
      return 'the fallback has to be of the same kind as the value'
    case 'optional_expected':
      return '.or( ) and .orValue( ) follow a value that may be missing, written with .?: event.?userId.orValue("nobody")'
    default:
      return undefined
  }
}

/** Of the operand to blame, where the library points at the whole. */
function offsetFor(code: string, node: SyntaxNode, operands: readonly Operand[]): number | undefined {
  if (code === 'invalid_logical_operand') return operands.find(({ type }) => !mayBe('bool', type))?.node.start
  if (code === 'invalid_index_type') return operands[1]?.node.start
  return code === 'cannot_index_type' ? undefined : node.start
}

function describeInfix(operator: string, left: Operand, right: Operand): string {
  const text = [left, right].find(({ type }) => type === 'string')
  const other = text === left ? right : left
  if (operator === 'in')
    return right.type === 'string'
      ? `in looks into a list or a map, but ${isType(right)}: use ${right.shown}.contains( )`
      : `in looks into a list or a map of the same kind, but ${isType(left)} and ${isType(right)}`
  const optional = [left, right].find(({ type }) => type.startsWith('optional'))
  if (optional !== undefined) return `${isType(optional)}: add .orValue("…") to it`
  if (text !== undefined && operator === '+') {
    const toAdd = numbers.has(other.type) && text.node.op !== 'value' ? `, or int(${text.shown}) to add` : ''
    return `+ joins texts, but ${isType(other)}${joinable.has(other.type) ? `: write string(${other.shown})${toAdd}` : ''}`
  }
  if (text !== undefined && other.type === time)
    return `${isType(other)}: compare it with a time such as timestamp("2026-01-05T09:00:00Z")`
  if (text !== undefined && orders.has(operator) && numbers.has(other.type))
    return `${isType(text)} and cannot be compared with a number: write int(${text.shown})`
  if (operator === '==' || operator === '!=') {
    const nothing = [left, right].find(({ type }) => type === 'null')
    if (nothing !== undefined) return describeComparedWithNull(nothing === left ? right : left)
    if (text !== undefined) return describeComparedWithText(text, other)
  }
  if (operator === '%') return '% needs whole numbers'
  if (numbers.has(left.type) && numbers.has(right.type))
    return `${operator} needs two numbers of one kind, but ${isType(left)} and ${isType(right)}: write 1.0 for 1, or double( )`
  if (left.type === right.type) return `${operator} has no meaning for ${typeName(left.type)}`
  return `${operator} has no meaning between ${typeName(left.type)} and ${typeName(right.type)}`
}

/** Whichever of the two is written out is what has to be written otherwise. */
function describeComparedWithText(text: Operand, other: Operand): string {
  if (text.node.op !== 'value' || other.node.op === 'value' || !joinable.has(other.type))
    return `${isType(text)}: compare it with a quoted text${example(other)}`
  const written = quotedText(text.node) ?? ''
  if (other.type === 'bool') return `${isType(other)}: compare it with true or false, without quotes`
  const number = /^-?[0-9]+(\.[0-9]+)?$/.test(written) ? `, ${written} without quotes` : ''
  return `${isType(other)}: compare it with a number${number}`
}

const describeComparedWithNull = (other: Operand): string =>
  `${isType(other)}, and never null: ${
    other.node.op === '.'
      ? `has(${other.shown}) asks whether it is there`
      : 'has( ) asks whether a field is there'
  }`

/** What texts have in other languages. */
const hintForFields = (form: SyntaxForm, { type, shown }: Operand): string =>
  form.kind === 'field' && form.name === 'length' && type === 'string' ? `: use size(${shown})` : ''

const isType = ({ shown, type }: Operand): string => `${shown} is ${typeName(type)}`
const mayBe = (wanted: string, type: string): boolean => type === wanted || type.startsWith('dyn')

const hintForCondition = ({ shown, type }: Operand): string =>
  type === 'string' ? `: compare it, as in ${shown} == "…"` : ''

/** The literal, as it has to be written. */
function example({ node }: Operand): string {
  const form = formOf(node)
  return form.kind === 'literal' && ['bigint', 'number', 'boolean'].includes(typeof form.value)
    ? `, "${String(form.value)}"`
    : ''
}

/** A part as it is written, if it can stand in a sentence. */
function show({ start, end }: SyntaxNode, source: string): string {
  const text = source.slice(start, end)
  let depth = 0
  for (const { kind, text: sign } of tokensOf(text)) {
    if (kind !== 'sign') continue
    if (sign === '(') depth += 1
    else if (sign === ')') depth -= 1
    if (depth < 0) return 'this'
  }
  return depth === 0 && text.length <= 40 && !text.includes('\n') ? text : 'this'
}
