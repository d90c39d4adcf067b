import { compileExpression, type Expression, type ExpressionContext } from './expressions.ts'

/** A text with `${CEL}` parts, compiled. `render` throws where data is missing. */
export interface Template {
  render(context: ExpressionContext): string
}

export type TemplateResult =
  | { readonly kind: 'ok'; readonly template: Template }
  | { readonly kind: 'invalid'; readonly message: string; readonly offset: number }

const textual = new Set(['string', 'int', 'uint', 'double', 'bool', 'dyn', 'google.protobuf.Timestamp'])

/** Splits at `${…}` (braces and quotes inside an expression are understood); `$${` is a literal `${`. */
export function compileTemplate(source: string): TemplateResult {
  const parts: (string | Expression)[] = []
  let literal = ''
  for (let at = 0; at < source.length; ) {
    if (source.startsWith('$${', at)) {
      literal += '${'
      at += 3
    } else if (source.startsWith('${', at)) {
      const end = closingBrace(source, at + 2)
      if (end === undefined)
        return { kind: 'invalid', message: '${ is never closed by }; write $${ for a literal ${', offset: at }
      const result = compileExpression(source.slice(at + 2, end))
      if (result.kind === 'invalid') return { ...result, offset: at + 2 + result.offset }
      if (!textual.has(result.expression.type)) {
        return {
          kind: 'invalid',
          message: `an attribute value is text, but this gives ${result.expression.type}`,
          offset: at + 2,
        }
      }
      parts.push(literal, result.expression)
      literal = ''
      at = end + 1
    } else {
      literal += source[at]
      at += 1
    }
  }
  parts.push(literal)
  return {
    kind: 'ok',
    template: {
      render: (context) =>
        parts.map((part) => (typeof part === 'string' ? part : toText(part.evaluate(context)))).join(''),
    },
  }
}

function closingBrace(source: string, from: number): number | undefined {
  let depth = 1
  let quote: string | undefined
  for (let at = from; at < source.length; at += 1) {
    const character = source[at]
    if (quote !== undefined) {
      if (character === '\\') at += 1
      else if (character === quote) quote = undefined
    } else if (character === '"' || character === "'") quote = character
    else if (character === '{') depth += 1
    else if (character === '}') {
      depth -= 1
      if (depth === 0) return at
    }
  }
  return undefined
}

function toText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value
    case 'bigint':
    case 'boolean':
    case 'number':
      return String(value)
    default:
      if (value instanceof Date) return value.toISOString()
      if (typeof value?.valueOf() === 'bigint') return String(value) // uint has a class of its own in the library
      throw new Error('an attribute value must be text, a number, a boolean or a time')
  }
}
