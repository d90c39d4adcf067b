import { z } from 'zod'

const time = z.iso.datetime()
const names = z.array(z.string())
const text = z.string().nullable()

/** One event in `GET /admin/events`. */
const eventSummary = z.looseObject({
  id: z.string(),
  state: z.enum(['pending', 'applied', 'unchanged', 'dead']),
  type: z.string(),
  topic: text,
  conversationId: z.string(),
  participantId: text,
  occurredAt: time.nullable(),
  acceptedAt: time,
  settledAt: time.nullable(),
  attempts: z.number(),
  rules: names,
  attributeNames: names,
  code: text,
  detail: text,
  remedy: text,
})
export type EventSummary = z.infer<typeof eventSummary>

export const eventPage = z.looseObject({ items: z.array(eventSummary), nextCursor: z.unknown() })

export const replayed = z.looseObject({ replayed: z.number() })
export const dropped = z.looseObject({ dropped: z.number() })
