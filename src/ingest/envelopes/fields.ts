import { z } from 'zod'
import { whyTooDeep } from '../../values/json.ts'
import {
  isUnfilledTemplate,
  isUuid,
  lowerCaseUuid,
  timeOf,
  word as wordOf,
} from '../../values/normal-forms.ts'
import { isObject, type JsonObject } from './envelope.ts'
import type { OddFields } from './odd-fields.ts'

/**
 * One kind of optional field. Such a field never refuses an event: Genesys Cloud adds fields and types as it likes, and a
 * relay does not send again what was refused.
 */
export interface FieldKind<Value> {
  /** Undefined: the field counts as absent. Every value that is not as described is noted at its place. Not called for null. */
  readonly read: (value: unknown, at: FieldPlace) => Value | undefined
  /** What senders should write. Only the OpenAPI document uses it. */
  readonly schema: z.ZodType
  readonly description?: string
}

/** The same kind, for a field with this description. */
export const described = <Value>(kind: FieldKind<Value>, description: string): FieldKind<Value> => ({
  ...kind,
  description,
})

type FieldKinds = Readonly<Record<string, FieldKind<unknown>>>

/** The optional fields of an object, by their names. */
export interface FieldTable<Kinds extends FieldKinds = FieldKinds> {
  readonly kinds: Kinds
  /** The same as a list: looping over an object would be most of the work of reading an event. */
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

/** The field that is read at the moment. Its path is put together only if it is odd. */
class FieldPlace {
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

/** Reads the fields of an object; those that are absent, null or unreadable are missing from the result. `prefix`: of their paths. */
export function readFields<Table extends FieldTable>(
  { list }: Table,
  source: JsonObject,
  odd: OddFields,
  prefix = '',
): FieldValues<Table> {
  const values: Record<string, unknown> = {}
  const at = new FieldPlace(odd, prefix)
  for (const [name, kind] of list) {
    const raw = source[name]
    if (raw === undefined || raw === null) continue
    at.name = name
    const value = kind.read(raw, at)
    if (value !== undefined) values[name] = value
  }
  return values as FieldValues<Table>
}

/** The schema of an object with these fields; `further` are those that are not optional. */
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

function readText(value: unknown, at: FieldPlace): string | undefined {
  if (typeof value === 'string' && !isUnfilledTemplate(value)) return value
  at.note(value)
  return numberAsText(value)
}

/** Undefined for a number that JavaScript cannot hold exactly: it is not the number that was sent. */
const numberAsText = (value: unknown): string | undefined =>
  typeof value === 'number' &&
  Number.isFinite(value) &&
  (Number.isSafeInteger(value) || !Number.isInteger(value))
    ? String(value)
    : undefined

export const text: FieldKind<string> = { read: readText, schema: z.string() }

/** Lower case whatever the envelope. */
export const word: FieldKind<string> = {
  read: (value, at) => {
    const given = readText(value, at)
    return given === undefined ? undefined : wordOf(given)
  },
  schema: z.string(),
}

/** An id that only rules see: of any form, a UUID in lower case. */
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

/** Many senders write `null` for a field without a value. */
export const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null

/** Attribute values are texts in Genesys Cloud; numbers and booleans become texts, anything nested is absent by itself. */
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

/** Fields that describe a participant in several envelopes. */
export const participantKinds = {
  purpose: described(word, 'Such as `customer`, `agent`, `acd`.'),
  address: described(text, 'Such as `tel:+13175550100`.'),
  ani: text,
  dnis: text,
  externalContactId: described(id, 'The external contact in Genesys Cloud.'),
  userId: described(id, 'The agent.'),
  queueId: described(id, 'The queue.'),
  attributes: described(
    attributes,
    'Attributes of the participant, by name. Numbers and booleans are read as text.',
  ),
}

/** The form of a time in each envelope. */
export const timeForms =
  'When it happened: ISO 8601 (UTC if it has no zone) or RFC 2822, or a number of milliseconds or seconds since 1970.'

const referenceFields = tableOf({ id })

/** `{ "id": … }`, of which only the id is read. */
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

/** The first of a list of texts. */
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

/** A list of objects; an item that is not an object is left out. */
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

/** An object with fields of its own; `further` describes those that are read elsewhere. */
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

/** An object, also one that was sent as JSON text. */
export function objectOf(value: unknown): JsonObject | undefined {
  if (isObject(value)) return value
  if (typeof value !== 'string' || !value.trimStart().startsWith('{')) return undefined
  try {
    const parsed: unknown = JSON.parse(value)
    return isObject(parsed) && whyTooDeep(parsed) === undefined ? parsed : undefined
  } catch {
    return undefined
  }
}
