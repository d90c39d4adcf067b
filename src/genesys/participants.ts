import { z } from 'zod'
import type { ConversationParticipant } from '../event.ts'
import { lowerCaseUuid, timeOf, word } from '../values/normal-forms.ts'
import { safeParse } from '../values/safe-parse.ts'
import { withoutUndefined } from '../values/without-undefined.ts'

const textOf = z.union([z.string(), z.number().transform(String)])
const text = textOf.optional().catch(undefined)
const id = textOf.transform(lowerCaseUuid).optional().catch(undefined)
const reference = z
  .object({ id: textOf.transform(lowerCaseUuid) })
  .optional()
  .catch(undefined)
const time = z.unknown().transform(timeOf).optional()

const attributes = z
  .record(
    z.string(),
    z.union([z.string(), z.number(), z.boolean()]).transform(String).optional().catch(undefined),
  )
  .transform(withoutUndefined)
  .optional()
  .catch(undefined)

/** The used fields of SDK model Participant (REST) and of participants in conversation notifications. */
const participant = z
  .object({
    id: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,128}$/)
      .transform(lowerCaseUuid),
    name: text,
    purpose: z.string().transform(word).optional().catch(undefined),
    address: text,
    ani: text,
    dnis: text,
    externalContactId: id,
    externalId: text,
    userId: id,
    user: reference,
    queueId: id,
    queue: reference,
    connectedTime: time,
    endTime: time,
    attributes,
  })
  .transform(({ user, queue, ...facts }) =>
    // Rules must see an undefined field as missing.
    withoutUndefined({ ...facts, userId: facts.userId ?? user?.id, queueId: facts.queueId ?? queue?.id }),
  )

const maxParticipants = 1_000

/**
 * Reads `participants` leniently: fields of an unexpected type count as absent, and participants without a valid id are
 * skipped. Undefined if the value is not a list.
 */
export function readParticipants(value: unknown): readonly ConversationParticipant[] | undefined {
  if (!Array.isArray(value)) return undefined
  return value
    .slice(0, maxParticipants)
    .map((item) => safeParse(participant, item).data as ConversationParticipant | undefined)
    .filter((read) => read !== undefined)
}
