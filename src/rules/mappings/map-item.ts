import { contextOfItem, type MappingContext } from '../../cel/context.ts'
import { failureInWords } from '../../cel/expression-failure.ts'
import { type Expressions, failureCode } from '../../cel/expressions.ts'
import type { CompiledMapping, MappedField } from './compiled-mapping.ts'
import { noLookups, readField } from './read-field.ts'

/** Whether an item is marked as an envelope of Genesys Cloud. */
export type ItemKind = 'genesys' | 'other'

/** Finds the mapping for an item; `kind` is `other` unless given. Undefined: no mapping fits. Never throws. */
export type MapItem = (item: Readonly<Record<string, unknown>>, kind?: ItemKind) => Mapped | undefined

/** What a mapping makes of an item. */
export type Mapped = { readonly mapping: string } & (
  | {
      readonly kind: 'fields'
      /** In the form of a canonical event, by whose schema they are still to be checked. */
      readonly fields: Readonly<Record<string, unknown>>
      /** Paths of optional fields that could not be read; they are absent. */
      readonly odd: readonly string[]
      /** Which mapping takes a field from where, for a person; `path` as in `participant.address`. */
      originOf(path: string): string
    }
  /** The item is valid, and the mapping says to ignore it. */
  | { readonly kind: 'ignored' }
  | {
      readonly kind: 'failed'
      readonly problems: readonly { readonly path: string; readonly message: string }[]
    }
)

/** The mappings of a rules file in their order: the first that fits counts. Undefined: there are none. */
export function createMapItem(
  mappings: readonly CompiledMapping[],
  expressions: Pick<Expressions, 'withSharedBudget'>,
): MapItem | undefined {
  if (mappings.length === 0) return undefined
  const forGenesys = mappings.filter(({ fitsAll }) => !fitsAll)
  return (item, kind = 'other') => {
    const candidates = kind === 'genesys' ? forGenesys : mappings
    if (candidates.length === 0) return undefined
    // One budget for the item, since its sender waits.
    return expressions.withSharedBudget(() => mapBy(candidates, contextOfItem(item)))
  }
}

function mapBy(mappings: readonly CompiledMapping[], context: MappingContext): Mapped | undefined {
  for (const mapping of mappings) {
    try {
      if (mapping.when?.expression.evaluate(context, noLookups) === true)
        return mapping.ignore ? { kind: 'ignored', mapping: mapping.name } : fieldsOf(mapping, context)
    } catch (error) {
      // What is missing makes a condition false, as in rules. Without budget no other one can be decided.
      const code = failureCode(error)
      if (code === 'too_costly')
        return failed(mapping, '', `mapping ${quoted(mapping)} cannot be tried: ${failureInWords(code)}`)
    }
  }
  return undefined
}

function fieldsOf(mapping: CompiledMapping, context: MappingContext): Mapped {
  const fields: Record<string, unknown> = {}
  const odd: string[] = []
  for (const field of mapping.fields) {
    const value = readField(field, context)
    const path = field.path.join('.')
    const origin = `mapping ${quoted(mapping)} takes it from ${shown(field)}`
    if (value.kind === 'value') put(fields, field.path, value.value)
    else if (value.kind === 'failed' && !identity.has(path) && value.code !== 'too_costly') odd.push(path)
    else if (value.kind === 'failed')
      return failed(mapping, path, `cannot be told: ${origin}, and ${failureInWords(value.code)}`)
    else if (field.required)
      return failed(mapping, path, `is missing: ${origin}, and the item has nothing there`)
  }
  return {
    kind: 'fields',
    mapping: mapping.name,
    fields,
    odd,
    originOf: (path) => {
      const field = mapping.fields.find(({ path: own }) => isWithin(path, own.join('.')))
      return `mapping ${quoted(mapping)}${field === undefined ? '' : ` takes it from ${shown(field)}`}`
    },
  }
}

/** Only these fields can refuse an item. */
const identity: ReadonlySet<string> = new Set(['type', 'topic', 'conversationId', 'participantId'])

const failed = ({ name }: CompiledMapping, path: string, message: string): Mapped => ({
  kind: 'failed',
  mapping: name,
  problems: [{ path, message }],
})

const quoted = ({ name }: CompiledMapping): string => JSON.stringify(name)

const isWithin = (path: string, place: string): boolean => path === place || path.startsWith(`${place}.`)

/** Puts a value below maps that are made where they are lacking. */
function put(target: Record<string, unknown>, [key, ...rest]: readonly string[], value: unknown): void {
  if (key === undefined) return
  if (rest.length === 0) {
    target[key] = value
    return
  }
  const existing = target[key]
  const map: Record<string, unknown> = isRecord(existing) ? existing : {}
  target[key] = map
  put(map, rest, value)
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

/** Characters of an expression that a message shows. */
const longest = 120

function shown({ source }: MappedField): string {
  const line = source.replaceAll(/\s+/g, ' ').trim()
  return line.length > longest ? `${line.slice(0, longest)}…` : line
}
