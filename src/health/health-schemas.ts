import { z } from 'zod'
import type { DeliveryState } from '../deliver/delivery-state.ts'
import { count, jsonAnswer, problemResponses } from '../http/answer-schemas.ts'
import type { OverloadCause } from '../ingest/pressure.ts'
import type { FailureCode, Problem } from '../notifications/status.ts'
import { nodesCheck } from './nodes-check.ts'
import { queueCheck } from './queue-check.ts'

export const deliveryStates = {
  running: 'running',
  paused: 'paused',
  open: 'open',
} as const satisfies { [State in DeliveryState['state']]: State }

export const circuitReasons = {
  credentials_refused: 'credentials_refused',
  api_unavailable: 'api_unavailable',
} as const satisfies { [Reason in NonNullable<DeliveryState['reason']>]: Reason }

const subscriptionProblems = {
  queue_not_found: 'queue_not_found',
  topic_refused: 'topic_refused',
} as const satisfies { [Code in Problem['code']]: Code }

const notificationFailures = {
  ...subscriptionProblems,
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
  reason: z.string().optional().describe('If not `ok`: the reason, for people.'),
})
const remedy = z.string().optional().describe('The next step.')

const notifications = check
  .extend({
    channels: count.describe('Channels needed.'),
    connected: count.describe('Channels connected now.'),
    topics: count,
    reconnects: count.describe('Reconnects after a lost socket.'),
    gapSeconds: count.describe('Time without a connection, summed over the channels.'),
    lastMessageAgeSeconds: count.optional(),
    rejected: count.describe(
      'Messages, and participants of snapshots, that could not be read; see `invalid_event` in the log.',
    ),
    lastRejected: z
      .object({ at: z.iso.datetime(), topic: z.string().optional(), path: z.string() })
      .optional()
      .describe('The last rejected message: time, topic and path.'),
    code: z.enum(notificationFailures).optional(),
    cause: z.string().optional(),
    remedy,
    problems: z
      .array(z.object({ code: z.enum(subscriptionProblems), subject: z.string(), detail: z.string() }))
      .optional()
      .describe('Configured queues and topics that are not subscribed.'),
  })
  .optional()
  .describe('Absent if the service opens no notification websockets.')

/** The response of `/health`. */
export const health = z
  .object({
    status: z
      .enum(['ok', 'degraded', 'unavailable'])
      .describe(
        '`degraded`: the service accepts events, but delivery, notifications, the SQS queue or rules fail.',
      ),
    version: z.string().describe('The version of the service.'),
    checks: z.object({
      lifecycle: check,
      load: check
        .extend({
          heldBytes: count.describe('Memory that webhook requests in progress may use.'),
          maxHeldBytes: count.describe('Limit of that memory; beyond it, requests are refused.'),
          code: z.literal('overloaded').optional(),
          cause: z.enum(overloadCauses).optional(),
        })
        .describe('Not `ok` while overloaded.'),
      store: check
        .extend({
          code: z.literal('store_unavailable').optional(),
          cause: z.string().optional(),
          remedy,
          durability: z
            .object({
              survives: z.enum(['failover', 'power_cut', 'process_end']),
              warnings: z.array(z.string()),
            })
            .optional()
            .describe(
              'Only with PostgreSQL: what accepted events survive with the settings of the server, and the settings because of which it is less.',
            ),
        })
        .describe(
          'Not `ok` if the inbox cannot be written. With `cause` and `remedy` if its files are lost, or its server fails.',
        ),
      inbox: check.extend({
        pending: count.optional().describe('Pending events. Absent while the inbox cannot be read.'),
        maxPending: count.optional(),
      }),
      notifications,
      sqs: queueCheck,
      nodes: nodesCheck.optional(),
      rules: check.extend({
        version: z.string().describe('A hash of the rules file and its tables.'),
        rules: count,
        ageSeconds: count.describe('Time since the rules were loaded.'),
        code: z.literal('rules_invalid').optional(),
        remedy,
      }),
      delivery: check.extend({
        state: z.enum(deliveryStates),
        dryRun: z.literal(true).optional().describe('`DRY_RUN=true`: no attributes are set.'),
        pausedUntil: z.iso.datetime().optional(),
        since: z.iso.datetime().optional().describe('When an operator paused delivery.'),
        code: z
          .enum({
            ...circuitReasons,
            rate_limited: 'rate_limited',
            paused_by_operator: 'paused_by_operator',
          })
          .optional(),
        cause: z.string().optional().describe('With `api_unavailable`: the failure of the last call.'),
        remedy,
      }),
    }),
  })
  .meta({ id: 'Health', description: 'The state of ingest, rules and delivery.' })

const probeAnswer = z
  .object({
    status: z.enum(['ok', 'starting', 'unavailable']),
    reasons: z.array(z.string()).optional().describe('With `unavailable`: the reasons, for people.'),
  })
  .meta({ id: 'Probe', description: 'The state of the service.' })

interface Probe {
  readonly operationId: string
  readonly summary: string
  /** The meaning of 200. */
  readonly ok: string
  /** The meaning of 503. */
  readonly unavailable: string
  readonly answer?: z.ZodType
}

/** The schema of a probe route: no credentials, 200 or 503. */
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
