import { contextOfItem, type MappingContext } from '../../cel/context.ts'
import { failureCode, failureInWords } from '../../cel/expression-errors.ts'
import type { Expressions } from '../../cel/expressions.ts'
import type { CompiledMapping, MappedField } from './compiled-mapping.ts'
import { noLookups, readField } from './read-field.ts'

/** Whether an item is marked as an envelope of Genesys Cloud. */
export type ItemKind = 'genesys' | 'other'

/** Maps an item with the first matching mapping; `kind` defaults to `other`. Undefined: no mapping matches. Never throws. */
export type MapItem = (item: Readonly<Record<string, unknown>>, kind?: ItemKind) => Mapped | undefined

/** The result of a mapping for one item. */
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
    return expressions.withSharedBudget(() => mapWithFirstMatch(candidates, contextOfItem(item)))
  }
}

function mapWithFirstMatch(
  mappings: readonly CompiledMapping[],
  context: MappingContext,
): Mapped | undefined {
  for (const mapping of mappings) {
    try {
      if (mapping.when?.expression.evaluate(context, noLookups) === true)
        return mapping.ignore ? { kind: 'ignored', mapping: mapping.name } : mapFields(mapping, context)
    } catch (error) {
      // As in rules, a condition that fails counts as false. Without budget, the next conditions would fail too.
      const code = failureCode(error)
      if (code === 'too_costly')
        return failed(mapping, '', `mapping ${quoted(mapping)} cannot be evaluated: ${failureInWords(code)}`)
    }
  }
  return undefined
}

function mapFields(mapping: CompiledMapping, context: MappingContext): Mapped {
  const fields: Record<string, unknown> = {}
  const odd: string[] = []
  for (const field of mapping.fields) {
    const value = readField(field, context)
    const path = field.path.join('.')
    const origin = `mapping ${quoted(mapping)} reads it from ${shownSource(field)}`
    if (value.kind === 'value') setPath(fields, field.path, value.value)
    else if (value.kind === 'failed') {
      if (identity.has(path) || value.code === 'too_costly')
        return failed(mapping, path, `cannot be read: ${origin}, and ${failureInWords(value.code)}`)
      odd.push(path)
    } else if (field.required)
      return failed(mapping, path, `is missing: ${origin}, but the item has no value there`)
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

/** Sets a value at a path and creates missing maps on the way. */
function setPath(target: Record<string, unknown>, [key, ...rest]: readonly string[], value: unknown): void {
  if (key === undefined) return
  if (rest.length === 0) {
    target[key] = value
    return
  }
  const existing = target[key]
  const map: Record<string, unknown> = isRecord(existing) ? existing : {}
  target[key] = map
  setPath(map, rest, value)
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

/** Longest part of an expression that a message shows, in characters. */
const maxShownLength = 120

function shownSource({ source }: MappedField): string {
  const line = source.replaceAll(/\s+/g, ' ').trim()
  return line.length > maxShownLength ? `${line.slice(0, maxShownLength)}…` : line
}
