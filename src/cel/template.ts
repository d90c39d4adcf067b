import type { ExpressionContext } from './context.ts'
import { ExpressionFailure } from './expression-errors.ts'
import type { Expression, Expressions, Invalid, LookupFacts } from './expressions.ts'
import { typeName } from './mistakes/mistakes.ts'
import type { Comparison } from './syntax/comparisons.ts'
import type { FieldRead } from './syntax/fields.ts'
import type { Reads } from './syntax/inspect.ts'
import type { ExpressionScope } from './variables.ts'

/** A compiled text with `${CEL}` parts. */
export interface Template {
  /** Texts and expressions in source order; no text is empty. */
  readonly parts: readonly TemplatePart[]
  /** What all expressions together read; offsets count from the start of the template. */
  readonly reads: Reads
  /** Throws `ExpressionFailure` if a value is missing or has no text form, or the result is too long. */
  render(context: ExpressionContext, facts: LookupFacts): string
}

/** The `offset` of a mistake counts from the start of the template. */
export type TemplateResult = { readonly kind: 'ok'; readonly template: Template } | Invalid

export type TemplatePart = string | Expression

/** In characters; more than a useful participant attribute has. */
export const maxRenderedLength = 32_768

/** The CEL types of values that have a text form. */
const textual = new Set(['string', 'int', 'uint', 'double', 'bool', 'dyn', 'google.protobuf.Timestamp'])
export const isTextual = (type: string): boolean => textual.has(type)

export interface TemplateUse {
  /** The start of the message "…, but this gives a list". */
  readonly requirement: string
  accepts(type: string): boolean
}

export const attributeValue: TemplateUse = { requirement: 'an attribute value is text', accepts: isTextual }

/** Splits at `${…}`; the CEL grammar decides where the expression ends. `$${` is a literal `${`. */
export function compileTemplate(
  source: string,
  expressions: Expressions,
  scope: ExpressionScope = 'event',
  use: TemplateUse = attributeValue,
): TemplateResult {
  const parts: TemplatePart[] = []
  const comparisons: Comparison[] = []
  const required: FieldRead[] = []
  let literal = ''
  for (let at = 0; at < source.length; ) {
    const mark = source.indexOf('$', at)
    literal += source.slice(at, mark === -1 ? source.length : mark)
    if (mark === -1) break
    if (source.startsWith('$${', mark)) {
      literal += '${'
      at = mark + 3
    } else if (source.startsWith('${', mark)) {
      const start = mark + 2
      const result = compilePart(source.slice(start), expressions, scope, use)
      if (result.kind === 'invalid') return { ...result, offset: start + result.offset }
      parts.push(literal, result.expression)
      const { reads } = result.expression
      comparisons.push(...reads.comparisons.map((each) => shifted(each, start)))
      required.push(...reads.required.map(({ field, offset }) => ({ field, offset: start + offset })))
      literal = ''
      at = start + result.length + 1
    } else {
      literal += '$'
      at = mark + 1
    }
  }
  parts.push(literal)
  const filled = parts.filter((part) => part !== '')
  return { kind: 'ok', template: createTemplate(filled, { comparisons, required }) }
}

/** Makes the offsets of a comparison count from the start of the template. */
const shifted = ({ field, values }: Comparison, by: number): Comparison => ({
  field,
  values: values.map(({ text, offset }) => ({ text, offset: by + offset })),
})

/** `rest`: the source after `${`. */
function compilePart(
  rest: string,
  expressions: Expressions,
  scope: ExpressionScope,
  use: TemplateUse,
): { readonly kind: 'ok'; readonly expression: Expression; readonly length: number } | Invalid {
  const length = expressions.lengthBeforeBrace(rest)
  if (/^\s*\}/.test(rest))
    return {
      kind: 'invalid',
      message: '${} is empty: write an expression between the braces',
      offset: 0,
    }
  const result = expressions.compile(length === undefined ? rest : rest.slice(0, length), scope)
  if (result.kind === 'invalid') return result
  if (length === undefined)
    return { kind: 'invalid', message: '${ has no closing }; write $${ for a literal ${', offset: -2 }
  const { expression } = result
  if (use.accepts(expression.type)) return { kind: 'ok', expression, length }
  const hint = expression.type.startsWith('optional<') ? ': add .orValue("…")' : ''
  return {
    kind: 'invalid',
    message: `${use.requirement}, but this gives ${typeName(expression.type)}${hint}`,
    offset: 0,
  }
}

function createTemplate(
  parts: readonly TemplatePart[],
  located: Pick<Reads, 'comparisons' | 'required'>,
): Template {
  const expressions = parts.filter((part) => typeof part !== 'string')
  return {
    parts,
    reads: {
      tables: [...new Set(expressions.flatMap(({ reads }) => reads.tables))],
      participantAttributes: expressions.some(({ reads }) => reads.participantAttributes),
      names: [...new Set(expressions.flatMap(({ reads }) => reads.names))],
      fields: [...new Set(expressions.flatMap(({ reads }) => reads.fields))],
      ...located,
    },
    render: (context, facts) => {
      let text = ''
      for (const part of parts) {
        text += typeof part === 'string' ? part : toText(part.evaluate(context, facts), part.reads.fields)
        if (text.length > maxRenderedLength) throw new ExpressionFailure('too_long')
      }
      return text
    },
  }
}

/** Throws `ExpressionFailure` if the value has no text form; `fields`: those from which it comes. */
export function toText(value: unknown, fields: readonly string[] = []): string {
  switch (typeof value) {
    case 'string':
      return value
    case 'bigint':
    case 'boolean':
    case 'number':
      return String(value)
    default:
      if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString()
      // The library has a class for uint.
      if (typeof value === 'object' && value !== null && 'value' in value && typeof value.value === 'bigint')
        return String(value.value)
      throw new ExpressionFailure('not_text', fields.length > 0 ? { unusable: fields } : {})
  }
}
