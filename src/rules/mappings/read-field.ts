import type { MappingContext } from '../../cel/context.ts'
import { ExpressionFailure } from '../../cel/expression-failure.ts'
import { failureCode } from '../../cel/expressions.ts'
import { maxRenderedLength, type TemplatePart, toText } from '../../cel/template.ts'
import type { MappedField } from './compiled-mapping.ts'

export type FieldValue =
  | { readonly kind: 'value'; readonly value: unknown }
  /** Nothing there, null, or empty text: what a template of a sender makes of a variable without a value. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'failed'; readonly code: string }

const missing: FieldValue = { kind: 'missing' }

/** What the library says where an item lacks what is read. */
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

/** Mappings look nothing up. */
export const noLookups = { lookup: () => undefined }

/** null is what many senders write for "absent". */
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

/** One expression keeps what it gives: a number as a number, a map as a map. */
function single(parts: readonly TemplatePart[], context: MappingContext): unknown {
  const [only, ...others] = parts
  return only === undefined || others.length > 0 ? text(parts, context) : asJson(evaluate(only, context))
}

/** A value of CEL as JSON has it. */
function asJson(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Date) return value.getTime()
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, each]) => [key, asJson(each)]))
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, asJson(each)]))
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
