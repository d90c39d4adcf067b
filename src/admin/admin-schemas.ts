import { z } from 'zod'
import { eventTypes } from '../event.ts'
import { circuitReasons, deliveryStates } from '../health/health-schemas.ts'
import { count } from '../http/answer-schemas.ts'
import { createTotals } from '../metrics/totals.ts'
import type { Trace } from '../rules/trace.ts'

const time = z.iso.datetime()

export const adminStatus = z
  .object({
    inbox: z.object({
      pending: count.describe('Events waiting.'),
      inFlight: count.describe('Participants being worked on.'),
      dead: count.describe('Dead letters kept.'),
      oldestPendingMs: z.number().nullable().describe('Age of the oldest waiting event.'),
    }),
    delivery: z.object({
      state: z
        .enum(deliveryStates)
        .describe('`paused`: Genesys Cloud asked to wait. `open`: it fails or refuses the credentials.'),
      pausedUntil: time.nullable(),
      reason: z.enum(circuitReasons).nullable(),
      budget: z.object({
        allowed: count.describe("Calls in the API's window, as far as known."),
        remaining: count.describe('Calls that are left of it.'),
        resetAt: time.nullable().describe('`null`: the window is not known.'),
      }),
    }),
    totals: z
      .object(Object.fromEntries(Object.keys(createTotals()).map((name) => [name, count])))
      .describe('What happened since the process started.'),
  })
  .meta({ id: 'AdminStatus', description: 'What an operator sees first.' })

const deadLetter = z
  .object({
    id: z.string().describe('What makes a second delivery of the event known as such.'),
    sequence: count.describe('Its place in the order of acceptance.'),
    code: z.string().describe('See docs/errors.md.'),
    detail: z.string().nullable().describe('What Genesys Cloud said, or the title of the code.'),
    remedy: z.string().nullable().describe('What to do.'),
    acceptedAt: time.nullable(),
    diedAt: time.nullable(),
    type: z.enum(eventTypes),
    topic: z.string().nullable(),
    eventId: z.string().nullable().describe('The id the sender gave.'),
    conversationId: z.string(),
    participantId: z.string().nullable(),
  })
  .meta({
    id: 'DeadLetter',
    description: 'An event that could not be delivered. Attribute values are not shown.',
  })

export const deadLetterPage = z
  .object({
    items: z.array(deadLetter),
    nextCursor: count.nullable().describe('The `cursor` of the next page; `null`: there is none.'),
  })
  .meta({ id: 'DeadLetterPage', description: 'Dead letters in order of acceptance.' })

const names = z.array(z.string())
const code = z.string().describe('Why.')

const trace = z.object({
  rules: z.array(
    z.object({
      rule: z.string(),
      result: z.enum({
        matched: 'matched',
        unmatched: 'unmatched',
        undecided: 'undecided',
        needs: 'needs',
        blocked: 'blocked',
        not_listening: 'not_listening',
      } satisfies { [Result in Trace['rules'][number]['result']]: Result }),
      because: z.string().optional().describe('The part of the condition that was not true first.'),
      code: code.optional(),
      needs: names.optional().describe('What has to be fetched first.'),
      candidates: z
        .array(
          z.object({
            id: z.string(),
            purpose: z.string().optional(),
            state: z.enum(['connected', 'ended', 'not_connected']),
            fits: z.boolean(),
          }),
        )
        .optional()
        .describe('Of a rule with a target: participants in the order in which they were looked at.'),
      sets: names.optional().describe('Names of attributes.'),
      participantId: z.string().optional(),
    }),
  ),
  attributes: z.array(
    z.object({
      participantId: z.string(),
      attribute: z.string(),
      rule: z.string().describe('Had the last word.'),
      overruled: names,
    }),
  ),
})

export const evaluation = z
  .object({
    version: z.string().describe('Of the rules.'),
    results: z.array(
      z.object({
        type: z.enum(eventTypes),
        topic: z.string().nullable(),
        conversationId: z.string(),
        participantId: z.string().nullable(),
        mapping: z.string().nullable().describe('The mapping of the rules file by which the item was read.'),
        subscribed: z.boolean().describe('Whether any rule listens to the event.'),
        changes: z
          .array(z.object({ participantId: z.string(), attributes: z.record(z.string(), z.string()) }))
          .describe('What would be set, with its values, and on whom; `""`: the event names nobody.'),
        matched: names.describe('Rules that matched.'),
        undecided: z.array(z.object({ rule: z.string(), code })),
        needs: z
          .array(z.enum(['conversation', 'lookup']))
          .describe('Not empty: what would have to be read first; `changes` are not to be used.'),
        blocked: z.array(z.object({ rule: z.string(), code })),
        trace: trace.describe('Why each rule did what it did.'),
      }),
    ),
    oddFields: z
      .array(z.object({ envelope: z.string(), field: z.string(), found: z.string() }))
      .describe('Fields of an unexpected type or form: numbers are read as text, others count as absent.'),
    rejected: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .describe('Participants of a snapshot that could not be read.'),
  })
  .meta({
    id: 'Evaluation',
    description: 'What the rules would do, for each event: none for what is no event of a conversation.',
  })
