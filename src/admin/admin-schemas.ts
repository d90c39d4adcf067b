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
      pending: count.describe('Pending events.'),
      inFlight: count.describe('Claimed participants.'),
      dead: count.describe('Dead letters kept.'),
      oldestPendingMs: z.number().nullable().describe('Age of the oldest pending event.'),
    }),
    delivery: z.object({
      state: z
        .enum(deliveryStates)
        .describe('`paused`: waiting after a 429. `open`: the API fails or refuses the credentials.'),
      pausedUntil: time.nullable(),
      reason: z.enum(circuitReasons).nullable(),
      budget: z.object({
        allowed: count.describe('Calls allowed in the rate window, as far as known.'),
        remaining: count.describe('Calls left in the window.'),
        resetAt: time.nullable().describe('`null` if the window is not known.'),
      }),
    }),
    totals: z
      .object(Object.fromEntries(Object.keys(createTotals()).map((name) => [name, count])))
      .describe('Counts since the process started.'),
  })
  .meta({ id: 'AdminStatus', description: 'The state of inbox and delivery.' })

const deadLetter = z
  .object({
    id: z.string().describe('The identity of the event, which detects duplicates.'),
    sequence: count.describe('The number of the event in order of acceptance.'),
    code: z.string().describe('See docs/errors.md.'),
    detail: z.string().nullable().describe('The detail from Genesys Cloud, or the title of the code.'),
    remedy: z.string().nullable().describe('The next step.'),
    acceptedAt: time.nullable(),
    diedAt: time.nullable(),
    type: z.enum(eventTypes),
    topic: z.string().nullable(),
    eventId: z.string().nullable().describe("The sender's id of the event."),
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
    nextCursor: count.nullable().describe('The `cursor` of the next page; `null` on the last page.'),
  })
  .meta({ id: 'DeadLetterPage', description: 'Dead letters in order of acceptance.' })

const names = z.array(z.string())
const code = z.string().describe('The reason.')

const fields = {
  missing: names.optional().describe('The missing fields.'),
  unusable: names
    .optional()
    .describe('The fields whose values the rule cannot use, such as those of the wrong type.'),
}

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
      because: z.string().optional().describe('The first part of the condition that was not true.'),
      code: code.optional(),
      ...fields,
      names: z
        .array(z.object({ name: z.string(), code: code.optional() }))
        .optional()
        .describe('The names of `let` that the rule used. `code`: why a name has no value.'),
      needs: names.optional().describe('The data that must be fetched first.'),
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
        .describe('For a rule with a target: the participants in order of evaluation.'),
      sets: names.optional().describe('Attribute names.'),
      participantId: z.string().optional(),
    }),
  ),
  attributes: z.array(
    z.object({
      participantId: z.string(),
      attribute: z.string(),
      rule: z.string().describe('The rule that set the final value.'),
      overruled: names,
    }),
  ),
})

export const evaluation = z
  .object({
    version: z.string().describe('The version of the rules.'),
    results: z.array(
      z.object({
        type: z.enum(eventTypes),
        topic: z.string().nullable(),
        conversationId: z.string(),
        participantId: z.string().nullable(),
        mapping: z.string().nullable().describe('The mapping of the rules file that read the item.'),
        subscribed: z.boolean().describe('Whether a rule listens to the event.'),
        changes: z
          .array(z.object({ participantId: z.string(), attributes: z.record(z.string(), z.string()) }))
          .describe(
            'The attributes to set, with values, per participant; `""` if the event has no participant.',
          ),
        matched: names.describe('Rules that matched.'),
        undecided: z.array(z.object({ rule: z.string(), code, ...fields })),
        needs: z
          .array(z.enum(['conversation', 'lookup']))
          .describe('Data that must be read first. If not empty, ignore `changes`.'),
        blocked: z.array(z.object({ rule: z.string(), code })),
        trace: trace.describe('The reason for the result of each rule.'),
      }),
    ),
    oddFields: z
      .array(z.object({ envelope: z.string(), field: z.string(), found: z.string() }))
      .describe(
        'Fields of an unexpected type or form. Numbers are read as text, other values count as absent.',
      ),
    rejected: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .describe('Participants of a snapshot that could not be read.'),
  })
  .meta({
    id: 'Evaluation',
    description: 'The decision of the rules per event; no results if the item is not about a conversation.',
  })
