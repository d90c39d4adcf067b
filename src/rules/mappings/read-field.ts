import type { MappingContext } from '../../cel/context.ts'
import { ExpressionFailure, failureCode } from '../../cel/expression-errors.ts'
import { maxRenderedLength, type TemplatePart, toText } from '../../cel/template.ts'
import type { MappedField } from './compiled-mapping.ts'

export type FieldValue =
  | { readonly kind: 'value'; readonly value: unknown }
  /** Absent, null, or empty text, which senders' templates produce for a variable without a value. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'failed'; readonly code: string }

const missing: FieldValue = { kind: 'missing' }

/** The codes of the CEL library for an absent value. */
const missingCodes = new Set(['no_such_key', 'index_out_of_bounds', 'optional_value_missing'])

/** Reads a field in an item. Never throws. */
export function readField({ kind, parts }: MappedField, context: MappingContext): FieldValue {
  try {
    const value = kind === 'time' || kind === 'attributes' ? single(parts, context) : text(parts, context)
    if (value === undefined) return missing
    // An attribute may be blank.
    return value === '' && kind !== 'attribute' ? missing : { kind: 'value', value }
  } catch (error) {
    const code = failureCode(error)
    return missingCodes.has(code) ? missing : { kind: 'failed', code }
  }
}

/** Mappings have no lookups. */
export const noLookups = { lookup: () => undefined }

/** Many senders write null for an absent value. */
const evaluate = (part: TemplatePart, context: MappingContext): unknown =>
  typeof part === 'string' ? part : (part.evaluate(context, noLookups) ?? undefined)

function text(parts: readonly TemplatePart[], context: MappingContext): string | undefined {
  let whole = ''
  for (const part of parts) {
    const value = evaluate(part, context)
    if (value === undefined) return undefined
    whole += toText(value)
    if (whole.length > maxRenderedLength) throw new ExpressionFailure('too_long')
  }
  return whole
}

/** A single expression keeps its type: a number stays a number, a map stays a map. */
function single(parts: readonly TemplatePart[], context: MappingContext): unknown {
  const [only, ...others] = parts
  return only === undefined || others.length > 0 ? text(parts, context) : asJson(evaluate(only, context))
}

/** Converts a CEL value to JSON. */
function asJson(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Date) return value.getTime()
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, each]) => [key, asJson(each)]))
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, asJson(each)]))
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
