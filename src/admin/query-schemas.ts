import { z } from 'zod'
import { eventStates } from '../inbox/inbox.ts'
import { timeOf } from '../values/normal-forms.ts'

const once = 'must be given once'

const limit = z.coerce
  .number('must be a whole number from 1 to 500')
  .int()
  .min(1)
  .max(500)
  .default(50)
  .describe('Page size.')

const cursorExpected = 'must be the nextCursor of a previous response'

/** An empty text is refused: it would count as 0, or start a program that follows the pages from the first one again. */
const cursor = z
  .preprocess(
    (text) => (text === '' ? Number.NaN : text),
    z.coerce.number(cursorExpected).int(cursorExpected).min(0, cursorExpected),
  )
  .optional()
  .describe('The `nextCursor` of the previous page.')

function toTime(value: string | number, context: Pick<z.RefinementCtx, 'addIssue'>): number {
  const time = timeOf(value)
  if (time !== undefined) return time
  context.addIssue('must be a time in ISO 8601 (2026-11-30T18:00:00Z) or epoch milliseconds')
  return z.NEVER
}

const since = z.string(once).transform(toTime).optional()

const diedSinceMeaning = 'Only events that became dead letters at or after this time: ISO 8601 or epoch ms.'

const id = z.string(once).min(1, 'must not be empty').optional()

export const eventQuery = z.strictObject({
  conversationId: id.describe('Only events of this conversation, of which the last 10,000 are found.'),
  participantId: id.describe('Only events of this participant. Fast together with `conversationId`.'),
  state: z
    .enum(eventStates, `must be ${eventStates.join(', ')}`)
    .optional()
    .describe('Only events in this state.'),
  since: since.describe('Only events accepted at or after this time: ISO 8601 or epoch ms.'),
  limit,
  cursor,
})

const ofConversation = id.describe(
  'Only dead letters of this conversation, of which the last 10,000 events are found.',
)

export const deadLetterQuery = z.strictObject({
  code: z.string(once).optional().describe('Only dead letters with this code.'),
  rule: z.string(once).optional().describe('Only dead letters for which this rule matched.'),
  conversationId: ofConversation,
  counts: z
    .enum({ true: 'true', false: 'false' }, 'must be true or false')
    .optional()
    .describe('`true`: also counts all dead letters that match, by code and rule.'),
  since: since.describe(diedSinceMeaning),
  limit,
  cursor,
})

export const eventParameters = z.object({
  id: z.string().min(1).describe('The `id` of an event, URL-encoded, or the id that its sender gave it.'),
})

/** More than an operator selects by hand; larger selections use the other forms. */
const maxIds = 1_000
const idsExpected = `must have 1 to ${maxIds} ids`

const selectionExpected = `ids, code, rule, conversationId, since or all: send {"ids":["…"]} (1 to ${maxIds}), {"all":true}, or at least one of code, rule, conversationId and since, such as {"code":"forbidden","since":"2026-11-30T18:00:00Z"}`

const match = z
  .strictObject(
    {
      code: z.string().min(1).optional().describe('Only dead letters with this code.'),
      rule: z.string().min(1).optional().describe('Only dead letters for which this rule matched.'),
      conversationId: ofConversation,
      since: z.union([z.string(), z.number()]).transform(toTime).optional().describe(diedSinceMeaning),
    },
    selectionExpected,
  )
  .refine((fields) => Object.values(fields).some((value) => value !== undefined), selectionExpected)
  .describe('The dead letters that fit every given field; at least one is required.')

export const selection = z
  .union(
    [
      z.strictObject({ ids: z.array(z.string()).min(1, idsExpected).max(maxIds, idsExpected) }),
      z.strictObject({ all: z.literal(true) }),
      match,
    ],
    selectionExpected,
  )
  .meta({ id: 'DeadLetterSelection', description: 'The dead letters to replay or drop.' })

export const pauseRequest = z
  .strictObject({
    reason: z
      .string('must be a text')
      .trim()
      .max(200, 'must have at most 200 characters')
      .optional()
      .describe('Shown in status, `/health` and log.'),
  })
  .nullish()
  .meta({ id: 'PauseRequest' })
