import { z } from 'zod'
import type { ConversationParticipant } from '../event.ts'

const text = z.string().optional().catch(undefined)
const time = z
  .string()
  .transform((value) => Date.parse(value))
  .refine((value) => !Number.isNaN(value))
  .optional()
  .catch(undefined)
const reference = z.object({ id: z.string() }).optional().catch(undefined)

/** As far as it is used, of SDK model Participant (REST) and of the participants in conversation notifications. */
const participant = z.object({
  id: z.string().regex(/^[A-Za-z0-9_-]{1,128}$/),
  name: text,
  purpose: text,
  address: text,
  ani: text,
  dnis: text,
  externalContactId: text,
  externalId: text,
  userId: text,
  user: reference,
  queueId: text,
  queue: reference,
  connectedTime: time,
  endTime: time,
  attributes: z.record(z.string(), z.coerce.string()).optional().catch(undefined),
})

const maxParticipants = 1_000

/**
 * Reads `participants` leniently: a field of an unexpected type counts as absent, a participant without a usable id is
 * left out. Undefined: this is no list.
 */
export function readParticipants(value: unknown): readonly ConversationParticipant[] | undefined {
  if (!Array.isArray(value)) return undefined
  return value.slice(0, maxParticipants).flatMap((item) => {
    const parsed = participant.safeParse(item).data
    if (parsed === undefined) return []
    const { user, queue, ...facts } = parsed
    const all = { ...facts, userId: facts.userId ?? user?.id, queueId: facts.queueId ?? queue?.id }
    // What is undefined is left out, so that rules see it as missing.
    return [
      Object.fromEntries(Object.entries(all).filter(([, field]) => field !== undefined)) as typeof facts,
    ]
  }) as readonly ConversationParticipant[]
}
