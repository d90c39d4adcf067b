import { z } from 'zod'
import { readJsonText } from '../../values/json.ts'
import {
  isUnfilledTemplate,
  isUuid,
  lowerCaseUuid,
  timeOf,
  word as wordOf,
} from '../../values/normal-forms.ts'
import { isObject, type JsonObject } from './envelope.ts'
import {
  type FieldKind,
  type FieldPosition,
  type FieldTable,
  type FieldValues,
  readFields,
  schemaOf,
  tableOf,
  withDescription,
} from './field-tables.ts'

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

/** Many senders write `null` for a field without a value. */
export const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null

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

/** Returns the object, also if it was sent as JSON text. */
export function objectOf(value: unknown): JsonObject | undefined {
  if (isObject(value)) return value
  if (typeof value !== 'string' || !/^[ \t\r\n]*\{/.test(value)) return undefined
  const json = readJsonText(value)
  return json.kind === 'json' && isObject(json.value) ? json.value : undefined
}
