import { z } from 'zod'
import { mapOf } from '../../values/messages.ts'
import { purposes } from '../../values/vocabulary.ts'

export const scalar = (error: string) => z.union([z.string(), z.number(), z.boolean()], { error })

export const name = z
  .string({ error: ({ input }) => `must be text${input == null ? '' : ': put quotes around it'}` })
  .min(1, 'must not be empty')

export const attributeName = z.string().min(1, 'an attribute needs a name')

/** Accepts the YAML booleans true and false as conditions. */
export const condition = (error: string, examples: readonly string[]) =>
  z.union([z.string().min(1, 'must not be empty').meta({ examples }), z.boolean().transform(String)], {
    error,
  })

/** The schema of `participant`, with `field` for each field and `attributes` for its attributes. */
export const participantOf = <Field extends z.ZodType, Attributes extends z.ZodType>(
  field: Field,
  attributes: Attributes,
) =>
  z.strictObject(
    {
      purpose: field.meta({ offers: purposes }),
      address: field,
      ani: field,
      dnis: field,
      externalContactId: field,
      externalId: field,
      userId: field,
      queueId: field,
      attributes,
    },
    mapOf('fields of participant such as purpose and address'),
  )

/** A topic that a rule can listen to. */
export const topicPattern = /^[a-z]+(\.[a-z]+)*$/

export interface ScalarEntry {
  readonly path: readonly string[]
  readonly value: string | number | boolean | null
}

/** Lists the scalars of a map and of the maps inside it, each with its path. */
export function scalarEntriesOf(map: object, above: readonly string[] = []): readonly ScalarEntry[] {
  return Object.entries(map).flatMap(([key, value]: [string, unknown]): readonly ScalarEntry[] => {
    const path = [...above, key]
    if (typeof value === 'object' && value !== null) return scalarEntriesOf(value, path)
    return value === null ||
      typeof value === 'string' ||
      typeof value === 'number' ||
      typeof value === 'boolean'
      ? [{ path, value }]
      : []
  })
}
