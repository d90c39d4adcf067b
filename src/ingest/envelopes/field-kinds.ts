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
import {
  described,
  type FieldKind,
  type FieldPosition,
  type FieldTable,
  type FieldValues,
  readFields,
  schemaOf,
  tableOf,
} from './field-tables.ts'

function readText(value: unknown, at: FieldPosition): string | undefined {
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
