import { z } from 'zod'
import { isUnfilledTemplate, isUuid, lowerCaseUuid, timeOf, word as wordOf } from '../../values.ts'
import { sha256 } from '../identity.ts'
import { whyTooDeep } from '../json.ts'
import { type FieldProblem, isObject, type JsonObject } from './envelope.ts'
import type { OddFields } from './odd-fields.ts'

/**
 * One kind of optional field. Such a field never refuses an event: Genesys Cloud adds fields and types as it likes, and a
 * relay does not send again what was refused.
 */
export interface FieldKind<Value> {
  /** Undefined: the field counts as absent. Every value that is not as described is noted in `odd`. Not called for null. */
  readonly read: (value: unknown, odd: OddFields, path: string) => Value | undefined
  /** What senders should write. */
  readonly schema: z.ZodType
}

export type FieldKinds = Readonly<Record<string, FieldKind<unknown>>>

export type FieldValues<Kinds> = {
  readonly [Name in keyof Kinds]?: Kinds[Name] extends FieldKind<infer Value> ? Value : never
}

/** Reads the named fields of an object; those that are absent, null or unreadable are missing from the result. `prefix`: of their paths. */
export function readFields<Kinds extends FieldKinds>(
  kinds: Kinds,
  source: JsonObject,
  odd: OddFields,
  prefix = '',
): FieldValues<Kinds> {
  const values: Record<string, unknown> = {}
  for (const name in kinds) {
    const raw = source[name]
    if (isAbsent(raw)) continue
    const value = kinds[name]?.read(raw, odd, `${prefix}${name}`)
    if (value !== undefined) values[name] = value
  }
  return values as FieldValues<Kinds>
}

/** The schema of an object with these fields; `further` are those that are not optional. */
export const schemaOf = (kinds: FieldKinds, further: z.core.$ZodLooseShape = {}) =>
  z.object({
    ...Object.fromEntries(Object.entries(kinds).map(([name, { schema }]) => [name, schema.nullish()])),
    ...further,
  })

function readText(value: unknown, odd: OddFields, path: string): string | undefined {
  if (typeof value === 'string' && !isUnfilledTemplate(value)) return value
  odd.note(path, value)
  return numberAsText(value)
}

/** An integer that JSON numbers cannot hold exactly is not the number that was sent. */
const numberAsText = (value: unknown): string | undefined =>
  typeof value === 'number' && (Number.isSafeInteger(value) || !Number.isInteger(value))
    ? String(value)
    : undefined

export const text: FieldKind<string> = { read: readText, schema: z.string() }

/** Lower case whatever the envelope. */
export const word: FieldKind<string> = {
  read: (value, odd, path) => {
    const given = readText(value, odd, path)
    return given === undefined ? undefined : wordOf(given)
  },
  schema: z.string(),
}

/** An id that only rules see: of any form, a UUID in lower case. */
export const id: FieldKind<string> = {
  read: (value, odd, path) => {
    const given = readText(value, odd, path)
    return given === undefined ? undefined : lowerCaseUuid(given)
  },
  schema: z.string(),
}

/** Epoch milliseconds. */
export const time: FieldKind<number> = {
  read: (value, odd, path) => {
    const epochMs = timeOf(value)
    if (epochMs === undefined) odd.note(path, value)
    return epochMs
  },
  schema: z.union([z.number().min(1e8), z.string()]),
}

/** Many senders write `null` for a field without a value. */
export const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null

export const isTemplate = (value: unknown): boolean => typeof value === 'string' && isUnfilledTemplate(value)

/** Attribute values are texts in Genesys Cloud; numbers and booleans become texts, anything nested is absent by itself. */
export const attributes: FieldKind<Readonly<Record<string, string>>> = {
  read: (value, odd, path) => {
    const given = objectOf(value)
    if (given !== value) odd.note(path, value)
    if (given === undefined) return undefined
    const texts: Record<string, string> = {}
    for (const [name, each] of Object.entries(given)) {
      if (each === null) continue
      const read = typeof each === 'boolean' ? String(each) : numberAsText(each)
      const own = read ?? readText(each, odd, path)
      if (own !== undefined) texts[name] = own
    }
    return texts
  },
  schema: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).nullable()),
}

/** `{ "id": … }`, of which only the id is read. */
export const reference: FieldKind<string> = {
  read: (value, odd, path) => {
    if (typeof value === 'string') {
      odd.note(path, value)
      return isUuid(value) ? lowerCaseUuid(value) : undefined
    }
    if (isObject(value)) return readFields({ id }, value, odd, `${path}.`).id
    odd.note(path, value)
    return undefined
  },
  schema: z.object({ id: z.string().nullish() }),
}

/** The first of a list of texts. */
export const firstText: FieldKind<string> = {
  read: (value, odd, path) => {
    if (!Array.isArray(value)) return readText(value, odd, path)
    const [first] = value
    return first === undefined || first === null ? undefined : readText(first, odd, `${path}[]`)
  },
  schema: z.array(z.string()),
}

/** A list of objects; an item that is not an object is left out. */
export const listOf = <Kinds extends FieldKinds>(kinds: Kinds): FieldKind<readonly FieldValues<Kinds>[]> => ({
  read: (value, odd, path) => {
    if (!Array.isArray(value)) {
      odd.note(path, value)
      return undefined
    }
    return value.flatMap((each) => {
      if (isObject(each)) return [readFields(kinds, each, odd, `${path}[].`)]
      if (each !== null) odd.note(`${path}[]`, each)
      return []
    })
  },
  schema: z.array(schemaOf(kinds).nullable()),
})

/** An object with fields of its own. */
export const objectWith = <Kinds extends FieldKinds>(kinds: Kinds): FieldKind<FieldValues<Kinds>> => ({
  read: (value, odd, path) => {
    const given = objectOf(value)
    if (given !== value) odd.note(path, value)
    return given && readFields(kinds, given, odd, `${path}.`)
  },
  schema: schemaOf(kinds),
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

const entityIdForm = /^[A-Za-z0-9_-]{1,128}$/
const eventIdForm = /^[A-Za-z0-9_.:-]{1,128}$/

/** Conversation and participant ids become part of a URL. Not only UUIDs: stand-ins and the tutorial use others. */
export const entityId = z.string().regex(entityIdForm)

/** Ids of other characters or of great length are hashed, so that a redelivery is still known by them. */
export function readEventId(given: string | undefined, odd: OddFields, path: string): string | undefined {
  if (given === undefined || eventIdForm.test(given)) return given
  odd.note(path, given)
  return given === '' ? undefined : sha256(given)
}

/**
 * Reads the id of a conversation or participant, the only fields besides type and topic that can refuse an event. Undefined: a
 * problem was added, which names what was found by its type, never by its value.
 */
export function readEntityId(value: unknown, path: string, problems: FieldProblem[]): string | undefined {
  if (typeof value === 'string' && entityIdForm.test(value)) return lowerCaseUuid(value)
  problems.push({ path, message: entityIdMessage(value) })
  return undefined
}

function entityIdMessage(value: unknown): string {
  if (isTemplate(value))
    return 'is a template that was not filled in: check the name of the variable where the relay builds the event'
  const form = 'must be 1 to 128 characters of A-Z a-z 0-9 _ -'
  if (typeof value !== 'string' || value === '') return `${form}, but ${found(value)}`
  return `${form}, but has ${value.length > 128 ? `${value.length} characters` : 'other characters'}`
}

/** What stands there, by its type and never by its value: `is missing`, `is a number`, `is text`. */
export function found(value: unknown): string {
  if (value === undefined) return 'is missing'
  if (value === null) return 'is null'
  if (value === '') return 'is empty'
  if (typeof value === 'string') return 'is text'
  if (Array.isArray(value)) return 'is an array'
  return typeof value === 'object' ? 'is an object' : `is a ${typeof value}`
}
