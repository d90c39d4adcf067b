import type { ExpressionContext } from './context.ts'
import type { Expression, Expressions, Facts } from './expressions.ts'
import { ExpressionFailure } from './failure.ts'
import { typeName } from './mistakes/type-names.ts'
import type { Comparison } from './syntax/comparisons.ts'
import type { Reads } from './syntax/inspect.ts'
import type { ExpressionScope } from './variables.ts'

/** A text with `${CEL}` parts, compiled. */
export interface Template {
  /** Texts and expressions in their order, none of them empty. */
  readonly parts: readonly TemplatePart[]
  /** Of all its expressions together. */
  readonly reads: Reads
  /** Of its expressions, by their places in the text. */
  readonly comparisons: readonly Comparison[]
  /** Throws `ExpressionFailure` where data is missing, has no text form, or makes the text too long. */
  render(context: ExpressionContext, facts: Facts): string
}

export type TemplateResult =
  | { readonly kind: 'ok'; readonly template: Template }
  /** `offset`: characters from the start of the text. */
  | { readonly kind: 'invalid'; readonly message: string; readonly offset: number }

export type TemplatePart = string | Expression

/** Characters; more than an attribute of a participant is for. */
export const maxRenderedLength = 32_768

const textual = new Set(['string', 'int', 'uint', 'double', 'bool', 'dyn', 'google.protobuf.Timestamp'])

/** What the text is for. */
export interface TemplateUse {
  /** As it stands before ", but this gives a list". */
  readonly demand: string
  /** Whether an expression may give this type of CEL. */
  accepts(type: string): boolean
}

const attributeValue: TemplateUse = {
  demand: 'an attribute value is text',
  accepts: (type) => textual.has(type),
}

/** Splits at `${…}`, whose end the expression's own grammar tells; `$${` is a literal `${`. */
export function compileTemplate(
  source: string,
  expressions: Expressions,
  scope: ExpressionScope = 'event',
  use: TemplateUse = attributeValue,
): TemplateResult {
  const parts: TemplatePart[] = []
  const comparisons: Comparison[] = []
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
      const result = compilePart(source.slice(start), expressions, { scope, use })
      if (result.kind === 'invalid') return { ...result, offset: start + result.offset }
      parts.push(literal, result.expression)
      comparisons.push(...result.expression.comparisons.map((each) => moved(each, start)))
      literal = ''
      at = start + result.length + 1
    } else {
      literal += '$'
      at = mark + 1
    }
  }
  parts.push(literal)
  return {
    kind: 'ok',
    template: createTemplate(
      parts.filter((part) => part !== ''),
      comparisons,
    ),
  }
}

/** The same comparison, by its place in the whole text. */
const moved = ({ field, values }: Comparison, by: number): Comparison => ({
  field,
  values: values.map(({ text, offset }) => ({ text, offset: by + offset })),
})

type PartResult =
  | { readonly kind: 'ok'; readonly expression: Expression; readonly length: number }
  | { readonly kind: 'invalid'; readonly message: string; readonly offset: number }

/** `rest`: what follows the opening brace. */
function compilePart(
  rest: string,
  expressions: Expressions,
  { scope, use }: { readonly scope: ExpressionScope; readonly use: TemplateUse },
): PartResult {
  const length = expressions.lengthBeforeBrace(rest)
  if (/^\s*\}/.test(rest))
    return {
      kind: 'invalid',
      message: '${} is empty: an expression is missing between the braces',
      offset: 0,
    }
  const result = expressions.compile(length === undefined ? rest : rest.slice(0, length), scope)
  if (result.kind === 'invalid') return result
  if (length === undefined)
    return { kind: 'invalid', message: '${ is never closed by }; write $${ for a literal ${', offset: -2 }
  const { expression } = result
  if (use.accepts(expression.type)) return { kind: 'ok', expression, length }
  const hint = expression.type.startsWith('optional<') ? ': add .orValue("…")' : ''
  return {
    kind: 'invalid',
    message: `${use.demand}, but this gives ${typeName(expression.type)}${hint}`,
    offset: 0,
  }
}

function createTemplate(parts: readonly TemplatePart[], comparisons: readonly Comparison[]): Template {
  const expressions = parts.filter((part) => typeof part !== 'string')
  return {
    parts,
    reads: {
      tables: [...new Set(expressions.flatMap(({ reads }) => reads.tables))],
      participantAttributes: expressions.some(({ reads }) => reads.participantAttributes),
    },
    comparisons,
    render: (context, facts) => {
      let text = ''
      for (const part of parts) {
        text += typeof part === 'string' ? part : toText(part.evaluate(context, facts))
        if (text.length > maxRenderedLength) throw new ExpressionFailure('too_long')
      }
      return text
    },
  }
}

/** Throws `ExpressionFailure` for what has no text form. */
export function toText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value
    case 'bigint':
    case 'boolean':
    case 'number':
      return String(value)
    default:
      if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString()
      // uint has a class of its own in the library.
      if (typeof value === 'object' && value !== null && 'value' in value && typeof value.value === 'bigint')
        return String(value.value)
      throw new ExpressionFailure('not_text')
  }
}
