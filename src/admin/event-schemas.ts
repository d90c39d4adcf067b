import { z } from 'zod'
import { eventTypes } from '../event.ts'
import { count } from '../http/answer-schemas.ts'
import { eventStates, unchangedReasons } from '../inbox/inbox.ts'
import { trace } from './trace-schema.ts'

const time = z.iso.datetime()
const names = z.array(z.string())

export const eventItem = z
  .object({
    id: z.string().describe('The identity of the event, which detects duplicates.'),
    sequence: count.describe('The number of the event in order of acceptance.'),
    state: z.enum(eventStates),
    type: z.enum(eventTypes),
    topic: z.string().nullable(),
    eventId: z.string().nullable().describe("The sender's id of the event."),
    conversationId: z.string(),
    participantId: z.string().nullable(),
    occurredAt: time.nullable(),
    acceptedAt: time,
    replayedAt: time.nullable().describe('When an operator replayed the dead letter last.'),
    settledAt: time.nullable(),
    attempts: count.describe('Calls made for the event. A 429 does not count.'),
    dueAt: time.nullable().describe('The next attempt of a pending event that waits after a failure.'),
    giveUpAt: time
      .nullable()
      .describe('When a pending event becomes a dead letter if it is not delivered before.'),
    rules: names.describe(
      'The rules that matched. Of a pending event: at its last failed attempt since the start of the service, else empty.',
    ),
    attributeNames: names.describe('The attributes that these rules set. Values are not shown.'),
    target: z
      .object({ conversationId: z.string(), participantId: z.string().nullable() })
      .nullable()
      .describe('The participant that gets the attributes; `null` if no rule sets any.'),
    mergedWith: names.describe('Ids of the other events in the same PATCH, at most 20.'),
    api: z
      .object({ status: z.int().nullable(), correlationId: z.string().nullable() })
      .nullable()
      .describe('The answer of Genesys Cloud; `null` if no call was made for the outcome.'),
    code: z
      .string()
      .nullable()
      .describe(
        'Of a dead letter, or of the last failure of a pending event, which can be one before its replay. See docs/errors.md.',
      ),
    detail: z.string().nullable().describe('The detail from Genesys Cloud, or the title of the code.'),
    remedy: z.string().nullable().describe('The next step. `null` for a failure before the replay.'),
    reason: z
      .enum(unchangedReasons)
      .nullable()
      .describe(
        'Why an event is unchanged. `rule_undecided`: no rule matched, and at least one was undecided. `known_values`: the participant is known to have the values. `later_event`: an event that occurred later decided other values.',
      ),
  })
  .meta({ id: 'EventItem', description: 'The life of an event. Attribute values are not shown.' })

export const eventPage = z
  .object({
    items: z.array(eventItem),
    nextCursor: count
      .nullable()
      .describe('The `cursor` of the next page; `null` on the last page. A page before it may be short.'),
  })
  .meta({ id: 'EventPage', description: 'Events, newest first.' })

export const timelineSteps = [
  'accepted',
  'replayed',
  'attempt_failed',
  'next_attempt',
  'applied',
  'unchanged',
  'dead',
] as const

const detailFields = {
  timeline: z.array(
    z.object({
      at: time,
      what: z.enum(timelineSteps),
      code: z
        .string()
        .optional()
        .describe(
          'The code of the failure; of `replayed`, that of the dead letter, until an attempt after the replay.',
        ),
    }),
  ),
  replacedBy: z
    .array(z.object({ attribute: z.string(), id: z.string() }))
    .describe(
      'Of an applied event: its attributes whose value in the PATCH is that of a later event in `mergedWith`, with the id of that event.',
    ),
  wouldNow: z
    .object({
      version: z.string().describe('The version of the rules.'),
      trace,
    })
    .describe('The result of the rules in force now, without a call to Genesys Cloud.'),
}

export const eventDetail = eventItem.extend(detailFields).meta({
  id: 'EventDetail',
  description: 'The life of an event, and what the rules in force would do with it.',
})

const deadLetter = eventItem
  .extend({ diedAt: time })
  .meta({ id: 'DeadLetter', description: 'An event that could not be delivered.' })

export const deadLetterCounts = z
  .object({
    total: count.describe('All dead letters that match, on every page.'),
    codes: z.array(
      z.object({
        code: z.string(),
        count,
        rules: z
          .array(z.object({ rule: z.string(), count }))
          .describe('A dead letter counts for each rule that matched.'),
      }),
    ),
  })
  .meta({ id: 'DeadLetterCounts', description: 'Dead letters by code and rule, most frequent first.' })

export const deadLetterPage = z
  .object({
    items: z.array(deadLetter),
    nextCursor: count.nullable().describe('The `cursor` of the next page; `null` on the last page.'),
    counts: deadLetterCounts.optional().describe('Only with `counts=true`.'),
  })
  .meta({ id: 'DeadLetterPage', description: 'Dead letters in order of acceptance.' })

export const deadLetterDetail = deadLetter.extend(detailFields).meta({
  id: 'DeadLetterDetail',
  description: 'A dead letter, and what the rules in force would do with it.',
})
