import { z } from 'zod'
import { inUtc } from '../../event.ts'

/** Ids that become part of a URL. Not only UUIDs: stand-ins and the tutorial use others. */
export const entityId = z
  .string('must be text')
  .regex(/^[A-Za-z0-9_-]{1,128}$/, 'must be 1 to 128 characters of A-Z a-z 0-9 _ -')

export const eventId = z
  .string('must be text')
  .regex(/^[A-Za-z0-9_.:-]{1,128}$/, 'must be 1 to 128 characters of A-Z a-z 0-9 _ . : -')

const timeMessage = 'must be an ISO 8601 time such as 2026-01-31T09:30:00Z, or epoch milliseconds'
const latestTime = 8.64e15

/** A time in either form that Genesys and relays use, as epoch milliseconds. */
export const time = z
  .union([z.number(), z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/, timeMessage)], timeMessage)
  .transform((value) => (typeof value === 'number' ? Math.trunc(value) : Date.parse(inUtc(value))))
  .refine((epochMs) => epochMs >= 0 && epochMs <= latestTime, timeMessage)

/** `null` is what many senders write for "absent". In this order, since most fields are absent and then nothing is left to do. */
export const optional = <Schema extends z.ZodType>(schema: Schema) =>
  schema
    .nullable()
    .transform((value) => value ?? undefined)
    .optional()

export const text = optional(z.string('must be text'))

/** Attribute values are strings in Genesys; senders that kept their numbers and booleans are understood. */
export const attributes = optional(
  z
    .record(
      z.string(),
      z.union([z.string(), z.number(), z.boolean(), z.null()], 'must be text, a number or a boolean'),
      'must be an object of texts',
    )
    .transform((values) => {
      const texts: Record<string, string> = {}
      for (const [name, value] of Object.entries(values)) if (value !== null) texts[name] = String(value)
      return texts
    }),
)
