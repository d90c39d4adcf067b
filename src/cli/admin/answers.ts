import { z } from 'zod'

const time = z.iso.datetime()
const names = z.array(z.string())
const text = z.string().nullable()
const nextCursor = z.union([z.string(), z.number()]).nullable()

const eventFields = {
  id: z.string(),
  type: z.string(),
  topic: text,
  conversationId: z.string(),
  participantId: text,
  acceptedAt: time.nullable(),
  attempts: z.number(),
  rules: names,
  attributeNames: names,
  code: text,
  detail: text,
  remedy: text,
}

const eventSummary = z.looseObject({
  ...eventFields,
  state: z.enum(['pending', 'applied', 'unchanged', 'dead']),
  settledAt: time.nullable(),
})
/** One event of a list. */
export type EventSummary = z.infer<typeof eventSummary>

/** The answer of `GET /admin/events`. */
export const eventPage = z.looseObject({ items: z.array(eventSummary), nextCursor })

const deadLetter = z.looseObject({ ...eventFields, code: z.string(), diedAt: time.nullable() })
export type DeadLetter = z.infer<typeof deadLetter>

/** The answer of `GET /admin/dead-letters`. */
export const deadLetterPage = z.looseObject({ items: z.array(deadLetter), nextCursor })

const changed = z.int().min(0)
export const changes = {
  replay: z.looseObject({ replayed: changed }).transform(({ replayed }) => replayed),
  drop: z.looseObject({ dropped: changed }).transform(({ dropped }) => dropped),
}
