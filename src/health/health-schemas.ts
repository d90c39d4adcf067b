import { z } from 'zod'
import type { DeliveryState } from '../deliver/delivery-state.ts'
import { count, jsonAnswer, problemResponses } from '../http/answer-schemas.ts'
import type { OverloadCause } from '../ingest/overload.ts'
import type { FailureCode, Problem } from '../notifications/status.ts'

export const deliveryStates = {
  running: 'running',
  paused: 'paused',
  open: 'open',
} as const satisfies { [State in DeliveryState['state']]: State }

export const circuitReasons = {
  credentials_refused: 'credentials_refused',
  api_unavailable: 'api_unavailable',
} as const satisfies { [Reason in NonNullable<DeliveryState['reason']>]: Reason }

const unheard = {
  queue_not_found: 'queue_not_found',
  topic_refused: 'topic_refused',
} as const satisfies { [Code in Problem['code']]: Code }

const troubles = {
  ...unheard,
  notifications_down: 'notifications_down',
  credentials_refused: 'credentials_refused',
  inbox_full: 'inbox_full',
  store_unavailable: 'store_unavailable',
} as const satisfies { [Code in FailureCode]: Code }

const overloadCauses = {
  event_loop: 'event_loop',
  memory: 'memory',
} as const satisfies { [Cause in OverloadCause]: Cause }

const check = z.object({
  ok: z.boolean(),
  reason: z.string().optional().describe('Where it is not `ok`: why, for people.'),
})
const remedy = z.string().optional().describe('What to do.')

const notifications = check
  .extend({
    channels: count.describe('Channels that there are to be.'),
    connected: count.describe('Those that are heard now.'),
    topics: count,
    reconnects: count.describe('Sockets that were opened again after one was lost.'),
    gapSeconds: count.describe('How long a channel was not heard, summed over the channels.'),
    lastMessageAgeSeconds: count.optional(),
    rejected: count.describe(
      'Messages, and participants in them, that could not be read; see `invalid_event` in the log.',
    ),
    lastRejected: z
      .object({ at: z.iso.datetime(), topic: z.string().optional(), path: z.string() })
      .optional()
      .describe('When that was last, on which topic, and where in the message.'),
    code: z.enum(troubles).optional(),
    cause: z.string().optional(),
    remedy,
    problems: z
      .array(z.object({ code: z.enum(unheard), subject: z.string(), detail: z.string() }))
      .optional()
      .describe('Queues and topics of the configuration that are not heard.'),
  })
  .optional()
  .describe('Absent: the service does not listen to Genesys Cloud by itself.')

/** The answer of `/health`. */
export const health = z
  .object({
    status: z
      .enum(['ok', 'degraded', 'unavailable'])
      .describe('`degraded`: events are taken, but delivery, listening or the rules are in failure.'),
    version: z.string().describe('Of the service.'),
    checks: z.object({
      lifecycle: check,
      load: check
        .extend({
          heldBytes: count.describe('What webhook requests under way may take in memory.'),
          maxHeldBytes: count.describe('From here on they are refused.'),
          code: z.literal('overloaded').optional(),
          cause: z.enum(overloadCauses).optional(),
        })
        .describe('Whether more is sent at once than can be answered in time.'),
      store: check.describe('Whether the inbox can be written.'),
      inbox: check.extend({
        pending: count.optional().describe('Events waiting. Absent while the inbox cannot be read.'),
        maxPending: count.optional(),
      }),
      notifications,
      rules: check.extend({
        version: z.string().describe('A hash of the rules file and of its tables.'),
        rules: count,
        ageSeconds: count.describe('Since they were loaded.'),
        code: z.literal('rules_invalid').optional(),
        remedy,
      }),
      delivery: check.extend({
        state: z.enum(deliveryStates),
        pausedUntil: z.iso.datetime().optional(),
        code: z.enum({ ...circuitReasons, rate_limited: 'rate_limited' }).optional(),
        cause: z.string().optional().describe('With `api_unavailable`: how the last call failed.'),
        remedy,
      }),
    }),
  })
  .meta({ id: 'Health', description: 'The state of receiving, deciding and delivering.' })

const probeAnswer = z
  .object({
    status: z.enum(['ok', 'starting', 'unavailable']),
    reasons: z.array(z.string()).optional().describe('With `unavailable`: why, for people.'),
  })
  .meta({ id: 'Probe', description: 'The state of the service, and what is wrong with it.' })

interface Probe {
  readonly operationId: string
  readonly summary: string
  /** The meaning of 200. */
  readonly ok: string
  /** The meaning of 503. */
  readonly unavailable: string
  readonly answer?: z.ZodType
}

/** Describes a probe: without credentials, 200 or 503. */
export const probe = ({ operationId, summary, ok, unavailable, answer = probeAnswer }: Probe) => ({
  operationId,
  tags: ['Probes'],
  summary,
  security: [],
  response: {
    200: jsonAnswer(ok, answer),
    503: jsonAnswer(unavailable, answer),
    ...problemResponses(),
  },
})
