import { z } from 'zod'
import { isObject } from '../../values/json.ts'
import {
  isUnfilledTemplate,
  isUuid,
  lowerCaseUuid,
  timeOf,
  word as wordOf,
} from '../../values/normal-forms.ts'
import { isAbsent, type JsonObject, objectOf } from './envelope.ts'
import type { OddFields } from './odd-fields.ts'

/**
 * One kind of optional field. Such a field never rejects an event: Genesys Cloud adds fields and types without notice, and a
 * relay does not resend a rejected event.
 */
export interface FieldKind<Value> {
  /** Undefined: the field counts as absent. Notes every unexpected value with its path. Not called for null. */
  readonly read: (value: unknown, at: FieldPosition) => Value | undefined
  /** The documented form, for the OpenAPI document only. */
  readonly schema: z.ZodType
  readonly description?: string
}

/** Adds a description to a kind. */
export const withDescription = <Value>(kind: FieldKind<Value>, description: string): FieldKind<Value> => ({
  ...kind,
  description,
})

type FieldKinds = Readonly<Record<string, FieldKind<unknown>>>

/** The optional fields of an object, by name. */
export interface FieldTable<Kinds extends FieldKinds = FieldKinds> {
  readonly kinds: Kinds
  /** The same fields as a list, because iterating over an object is slow on this hot path. */
  readonly list: readonly (readonly [name: string, kind: FieldKind<unknown>])[]
}

export const tableOf = <Kinds extends FieldKinds>(kinds: Kinds): FieldTable<Kinds> => ({
  kinds,
  list: Object.entries(kinds),
})

export type FieldValues<Table> =
  Table extends FieldTable<infer Kinds>
    ? { readonly [Name in keyof Kinds]?: Kinds[Name] extends FieldKind<infer Value> ? Value : never }
    : never

/** The field being read. Builds the path only for odd fields. */
export class FieldPosition {
  readonly odd: OddFields
  readonly prefix: string
  name = ''

  constructor(odd: OddFields, prefix: string) {
    this.odd = odd
    this.prefix = prefix
  }

  get path(): string {
    return `${this.prefix}${this.name}`
  }

  note(value: unknown, suffix = ''): void {
    this.odd.note(`${this.path}${suffix}`, value)
  }
}

/** Reads the fields of an object. The result lacks fields that are absent, null or unreadable. `prefix` is the path of the object. */
export function readFields<Table extends FieldTable>(
  { list }: Table,
  source: JsonObject,
  odd: OddFields,
  prefix = '',
): FieldValues<Table> {
  const values: Record<string, unknown> = {}
  const at = new FieldPosition(odd, prefix)
  for (const [name, kind] of list) {
    const raw = source[name]
    if (raw === undefined || raw === null) continue
    at.name = name
    const value = kind.read(raw, at)
    if (value !== undefined) values[name] = value
  }
  return values as FieldValues<Table>
}

/** The schema of an object with these optional fields and the `further` ones. */
export const schemaOf = ({ list }: FieldTable, further: z.core.$ZodLooseShape = {}) =>
  z.object({
    ...Object.fromEntries(
      list.map(([name, { schema, description }]) => [
        name,
        description === undefined ? schema.nullish() : schema.nullish().describe(description),
      ]),
    ),
    ...further,
  })

function readText(value: unknown, at: FieldPosition): string | undefined {
  if (typeof value === 'string' && !isUnfilledTemplate(value)) return value
  at.note(value)
  return numberAsText(value)
}

/** Undefined for an integer beyond the safe range: JavaScript has already changed its digits. */
const numberAsText = (value: unknown): string | undefined =>
  typeof value === 'number' &&
  Number.isFinite(value) &&
  (Number.isSafeInteger(value) || !Number.isInteger(value))
    ? String(value)
    : undefined

export const text: FieldKind<string> = { read: readText, schema: z.string() }

/** Text in lower case. */
export const word: FieldKind<string> = {
  read: (value, at) => {
    const given = readText(value, at)
    return given === undefined ? undefined : wordOf(given)
  },
  schema: z.string(),
}

/** An id that only rules see. Any form; a UUID becomes lower case. */
export const id: FieldKind<string> = {
  read: (value, at) => {
    const given = readText(value, at)
    return given === undefined || given === '' ? undefined : lowerCaseUuid(given)
  },
  schema: z.string(),
}

/** Epoch milliseconds. */
export const time: FieldKind<number> = {
  read: (value, at) => {
    const epochMs = timeOf(value)
    if (epochMs === undefined) at.note(value)
    return epochMs
  },
  schema: z.union([z.number().min(Date.UTC(2000) / 1_000), z.string()]),
}

/** Genesys Cloud attribute values are strings. Numbers and booleans become strings; a nested value counts as absent. */
export const attributes: FieldKind<Readonly<Record<string, string>>> = {
  read: (value, at) => {
    const given = objectOf(value)
    if (given !== value) at.note(value)
    if (given === undefined) return undefined
    const texts: Record<string, string> = {}
    for (const [name, each] of Object.entries(given)) {
      if (each === null) continue
      const read = typeof each === 'boolean' ? String(each) : numberAsText(each)
      const own = read ?? readText(each, at)
      if (own !== undefined) texts[name] = own
    }
    return texts
  },
  schema: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).nullable()),
}

/** The participant fields that several envelopes share. */
export const participantKinds = {
  purpose: withDescription(word, 'For example `customer`, `agent` or `acd`.'),
  address: withDescription(text, 'For example `tel:+13175550100`.'),
  ani: text,
  dnis: text,
  externalContactId: withDescription(id, 'The Genesys Cloud external contact.'),
  userId: withDescription(id, 'The agent.'),
  queueId: withDescription(id, 'The queue.'),
  attributes: withDescription(
    attributes,
    'Attributes of the participant, by name. Numbers and booleans are read as text.',
  ),
}

/** Describes the time formats, which all envelopes share. */
export const timeForms =
  'The time of the event: ISO 8601 (UTC if it has no zone), RFC 2822, or milliseconds or seconds since 1970.'

const referenceFields = tableOf({ id })

/** `{ "id": … }`. Reads only the id. */
export const reference: FieldKind<string> = {
  read: (value, at) => {
    if (typeof value === 'string') {
      at.note(value)
      return isUuid(value) ? lowerCaseUuid(value) : undefined
    }
    if (isObject(value)) return readFields(referenceFields, value, at.odd, `${at.path}.`).id
    at.note(value)
    return undefined
  },
  schema: z.object({ id: z.string().nullish() }),
}

/** The first text of a list. */
export const firstText: FieldKind<string> = {
  read: (value, at) => {
    if (!Array.isArray(value)) return readText(value, at)
    for (const each of value) {
      const first = isAbsent(each) || each === '' ? undefined : readText(each, at)
      if (first !== undefined) return first
    }
    return undefined
  },
  schema: z.array(z.string()),
}

/** A list of objects. Skips items that are not objects. */
export const listOf = <Table extends FieldTable>(table: Table): FieldKind<readonly FieldValues<Table>[]> => ({
  read: (value, at) => {
    if (!Array.isArray(value)) {
      at.note(value)
      return undefined
    }
    return value.flatMap((each) => {
      if (isObject(each)) return [readFields(table, each, at.odd, `${at.path}[].`)]
      if (each !== null) at.note(each, '[]')
      return []
    })
  },
  schema: z.array(schemaOf(table).nullable()),
})

/** A nested object. `further` is the schema of fields that other code reads. */
export const objectWith = <Table extends FieldTable>(
  table: Table,
  further?: z.core.$ZodLooseShape,
): FieldKind<FieldValues<Table>> => ({
  read: (value, at) => {
    const given = objectOf(value)
    if (given !== value) at.note(value)
    return given && readFields(table, given, at.odd, `${at.path}.`)
  },
  schema: schemaOf(table, further),
})
