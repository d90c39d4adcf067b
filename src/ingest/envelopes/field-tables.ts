import { z } from 'zod'
import type { JsonObject } from './envelope.ts'
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
