import { z } from 'zod'
import type { JsonObject } from './envelope.ts'
import type { OddFields } from './odd-fields.ts'

/**
 * One kind of optional field. Such a field never refuses an event: Genesys Cloud adds fields and types as it likes, and a
 * relay does not send again what was refused.
 */
export interface FieldKind<Value> {
  /** Undefined: the field counts as absent. Every value that is not as described is noted at its place. Not called for null. */
  readonly read: (value: unknown, at: FieldPosition) => Value | undefined
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

/** Reads the fields of an object; those that are absent, null or unreadable are missing from the result. `prefix`: of their paths. */
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
