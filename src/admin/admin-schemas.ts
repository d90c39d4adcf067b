import { z } from 'zod'
import { eventTypes } from '../event.ts'
import { deliveryStates } from '../health/health-schemas.ts'
import { count } from '../http/answer-schemas.ts'
import { roles } from '../inbox/inbox.ts'
import { envelopeNames } from '../ingest/envelopes/odd-fields.ts'
import { createTotals } from '../metrics/totals.ts'
import { trace, undecidedFields } from './trace-schema.ts'

const time = z.iso.datetime()

export const adminStatus = z
  .object({
    inbox: z.object({
      pending: count.describe('Pending events.'),
      replayed: count.describe('Pending events that were dead letters and are delivered again.'),
      inFlight: count.describe('Claimed participants.'),
      dead: count.describe('Dead letters kept.'),
      oldestPendingMs: z
        .number()
        .nullable()
        .describe('Age of the oldest pending event. The age of a replayed event counts from the replay.'),
      oldestLiveMs: z
        .number()
        .nullable()
        .describe('The same, only of live events: those that were not replayed.'),
      oldestReplayedMs: z.number().nullable().describe('The same, only of replayed events.'),
    }),
    delivery: z.object({
      state: z
        .enum(deliveryStates)
        .describe(
          '`paused`: waiting after a 429, or paused by an operator. `open`: the API fails or refuses the credentials.',
        ),
      pausedUntil: time.nullable().describe('`null` if an operator paused delivery.'),
      pausedBy: z.enum({ rate_limit: 'rate_limit', operator: 'operator' }).nullable(),
      pausedSince: time.nullable().describe('When an operator paused delivery.'),
      reason: z
        .string()
        .nullable()
        .describe("The operator's reason, `null` if none was given; or the code of the failure."),
      openSince: time.nullable().describe('Since when the API fails or refuses the credentials.'),
      nextTryAt: time.nullable().describe('While `open`: the earliest time of the next call.'),
      waitsFor: z
        .enum({ rate_budget: 'rate_budget' })
        .nullable()
        .describe(
          'Why pending events wait although `state` is `running`. `rate_budget`: all calls of the window are used.',
        ),
      waitsUntil: time.nullable().describe('The latest time at which the next rate window starts.'),
      budget: z.object({
        allowed: count.describe('Calls allowed in the rate window, as far as known.'),
        remaining: count.describe('Calls left in the window.'),
        own: count.describe('Calls of this service in the window, including those in flight.'),
        others: count.describe(
          'Calls of other programs with the same OAuth client in the window, as far as known.',
        ),
        reserved: count.describe(
          'Calls that the service keeps back until the window ends: one because the exact end is not known, and those that may have been counted without an answer.',
        ),
        resetAt: time.nullable().describe('`null` if the window is not known.'),
        assumed: z
          .boolean()
          .describe('Whether the numbers are those of RATE_LIMIT: the API has reported none yet.'),
      }),
    }),
    ages: z
      .object({
        eventMaxAgeMs: count.describe(
          'EVENT_MAX_AGE_MS: a pending event that is older becomes a dead letter.',
        ),
        retentionMs: count.describe('RETENTION_MS: how long settled events and dead letters are kept.'),
      })
      .describe('Settings that limit how long events are kept.'),
    totals: z
      .object(Object.fromEntries(Object.keys(createTotals()).map((name) => [name, count])))
      .describe('Counts since the process started.'),
    failures: z
      .object({
        dead: z.array(z.object({ code: z.string(), count })).describe('New dead letters by code.'),
        undecided: z
          .array(z.object({ rule: z.string(), code: z.string(), ...undecidedFields, count }))
          .describe('Evaluations of rules that lacked data, by rule and fields: the 20 most frequent.'),
      })
      .describe('Counts since the process started.'),
    nodes: z
      .array(
        z.object({
          id: z.string().describe('Host name and process id.'),
          role: z
            .enum(roles)
            .describe('`ingest`: takes events. `deliver`: sets attributes. `all`: does both.'),
          lastSeenAt: time,
          delivers: z
            .boolean()
            .describe(
              'Whether the node makes the calls. Of several nodes, one does and the others stand by.',
            ),
          rulesVersion: z.string().optional(),
          answers: z.boolean().describe('Whether it is the node that answers this request.'),
        }),
      )
      .describe('The processes that share the inbox, as far as seen in the last ten minutes.'),
  })
  .meta({ id: 'AdminStatus', description: 'The state of inbox and delivery.' })

export type AdminStatus = z.infer<typeof adminStatus>

const names = z.array(z.string())
const code = z.string().describe('The reason.')

export const evaluation = z
  .object({
    version: z.string().describe('The version of the rules.'),
    envelope: z
      .enum(envelopeNames)
      .describe('How the item was read. `mapped`: by a mapping of the rules file.'),
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
        undecided: z.array(z.object({ rule: z.string(), code, ...undecidedFields })),
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
