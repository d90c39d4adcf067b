import { type MappingContext, mappingContextOf } from '../../cel/context.ts'
import { ExpressionFailure, failureCode, failureInWords, missingCodes } from '../../cel/expression-errors.ts'
import type { Expression, Expressions } from '../../cel/expressions.ts'
import { maxRenderedLength, type TemplatePart, toText } from '../../cel/template.ts'
import { isObject } from '../../values/json.ts'

/** A mapping that passed every check. */
export interface CompiledMapping {
  readonly name: string
  readonly when: Expression | undefined
  /** Its `when` is `true`: it matches every item except envelopes of Genesys Cloud. */
  readonly matchesEverything: boolean
  /** Matching items are valid and ignored; `fields` is empty. */
  readonly ignore: boolean
  readonly fields: readonly MappedField[]
}

/** The type of a field: text, or a value that is a time or a map. */
export type FieldKind = 'text' | 'attribute' | 'time' | 'attributes'

/** One field of the event with the template that reads it from the item. */
export interface MappedField {
  /** In the event: `['participant', 'address']`. */
  readonly path: readonly string[]
  readonly kind: FieldKind
  /** Whether an item without it is invalid. */
  readonly required: boolean
  /** As in the rules file. */
  readonly source: string
  readonly parts: readonly TemplatePart[]
}

/** The text of a field without expressions; undefined if it has any. */
export const constantOf = ({ parts }: MappedField): string | undefined =>
  parts.every((part) => typeof part === 'string') ? parts.join('') : undefined

/** Whether an item is marked as an envelope of Genesys Cloud. */
export type ItemKind = 'genesys' | 'other'

/** Maps an item with the first matching mapping; `kind` defaults to `other`. Undefined: no mapping matches. Never throws. */
export type MapItem = (item: Readonly<Record<string, unknown>>, kind?: ItemKind) => Mapped | undefined

export type Mapped = { readonly mapping: string } & (
  | {
      readonly kind: 'fields'
      /** In the form of a canonical event. The caller validates them with its schema. */
      readonly fields: Readonly<Record<string, unknown>>
      /** Paths of optional fields that failed to evaluate; `fields` omits them. */
      readonly odd: readonly string[]
      /** Describes for a person from where the mapping reads a field; `path` as in `participant.address`. */
      originOf(path: string): string
    }
  /** The item is valid, and the mapping says to ignore it. */
  | { readonly kind: 'ignored' }
  | {
      readonly kind: 'failed'
      readonly problems: readonly { readonly path: string; readonly message: string }[]
    }
)

/** The mappings in file order; the first that matches is used. Undefined: there are none. */
export function createMapItem(
  mappings: readonly CompiledMapping[],
  expressions: Pick<Expressions, 'withSharedBudget'>,
): MapItem | undefined {
  if (mappings.length === 0) return undefined
  const forGenesys = mappings.filter(({ matchesEverything }) => !matchesEverything)
  return (item, kind = 'other') => {
    const candidates = kind === 'genesys' ? forGenesys : mappings
    if (candidates.length === 0) return undefined
    // All expressions of an item share one cost budget, because the sender waits.
    return expressions.withSharedBudget(() => mapWithFirstMatch(candidates, mappingContextOf(item)))
  }
}

function mapWithFirstMatch(
  mappings: readonly CompiledMapping[],
  context: MappingContext,
): Mapped | undefined {
  for (const mapping of mappings) {
    try {
      if (mapping.when?.evaluate(context, noLookups) === true)
        return mapping.ignore ? { kind: 'ignored', mapping: mapping.name } : mapFields(mapping, context)
    } catch (error) {
      // As in rules, a condition that fails counts as false. Without budget, the next conditions would fail too.
      const code = failureCode(error)
      if (code === 'too_costly')
        return failed(
          mapping,
          '',
          `mapping ${quoted(mapping)} cannot be evaluated: ${failureInWords({ code })}`,
        )
    }
  }
  return undefined
}

function mapFields(mapping: CompiledMapping, context: MappingContext): Mapped {
  const fields: Record<string, unknown> = {}
  const odd: string[] = []
  for (const field of mapping.fields) {
    const path = field.path.join('.')
    const origin = `mapping ${quoted(mapping)} reads it from ${shownSource(field)}`
    try {
      const value = readField(field, context)
      if (value !== undefined) setPath(fields, field.path, value)
      else if (field.required)
        return failed(mapping, path, `is missing: ${origin}, but the item has no value there`)
    } catch (error) {
      const code = failureCode(error)
      if (identity.has(path) || code === 'too_costly')
        return failed(mapping, path, `cannot be read: ${origin}, and ${failureInWords({ code })}`)
      odd.push(path)
    }
  }
  return {
    kind: 'fields',
    mapping: mapping.name,
    fields,
    odd,
    originOf: (path) => {
      const field = mapping.fields.find(({ path: own }) => isWithin(path, own.join('.')))
      return `mapping ${quoted(mapping)}${field === undefined ? '' : ` reads it from ${shownSource(field)}`}`
    },
  }
}

/** Only these fields can make an item invalid. */
const identity: ReadonlySet<string> = new Set(['type', 'topic', 'conversationId', 'participantId'])

const failed = ({ name }: CompiledMapping, path: string, message: string): Mapped => ({
  kind: 'failed',
  mapping: name,
  problems: [{ path, message }],
})

const quoted = ({ name }: CompiledMapping): string => JSON.stringify(name)

const isWithin = (path: string, parent: string): boolean => path === parent || path.startsWith(`${parent}.`)

function setPath(target: Record<string, unknown>, [key, ...rest]: readonly string[], value: unknown): void {
  if (key === undefined) return
  if (rest.length === 0) {
    target[key] = value
    return
  }
  const existing = target[key]
  const map: Record<string, unknown> = isObject(existing) ? existing : {}
  target[key] = map
  setPath(map, rest, value)
}

/** Longest part of an expression that a message shows, in characters. */
const maxShownLength = 120

function shownSource({ source }: MappedField): string {
  const line = source.replaceAll(/\s+/g, ' ').trim()
  return line.length > maxShownLength ? `${line.slice(0, maxShownLength)}…` : line
}

/**
 * Reads a field in an item. Undefined: absent, null, or empty text, which senders' templates produce for a variable without a
 * value. Throws `ExpressionFailure`.
 */
function readField({ kind, parts }: MappedField, context: MappingContext): unknown {
  try {
    const value = kind === 'time' || kind === 'attributes' ? single(parts, context) : text(parts, context)
    // An attribute may be blank.
    return value === '' && kind !== 'attribute' ? undefined : value
  } catch (error) {
    if (missingCodes.has(failureCode(error))) return undefined
    throw error
  }
}

/** Mappings have no lookups. */
const noLookups = { lookup: () => undefined }

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

function asJson(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Date) return value.getTime()
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, each]) => [key, asJson(each)]))
  if (!isObject(value) || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, asJson(each)]))
}
