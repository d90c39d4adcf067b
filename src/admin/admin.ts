import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { DeliveryState } from '../deliver/delivery-state.ts'
import { type AnswerCode, errorCatalogue, Problem } from '../errors.ts'
import { jsonAnswer, problemResponses, withExamples } from '../http/answer-schemas.ts'
import type { DeadLetter, Inbox } from '../inbox/inbox.ts'
import { positionOf } from '../ingest/authenticate/credentials.ts'
import { bearer, tokenDigest } from '../ingest/authenticate/tokens.ts'
import { eventExamples } from '../ingest/event-examples.ts'
import type { Totals } from '../metrics/totals.ts'
import type { RuleSet } from '../rules/evaluate.ts'
import { adminStatus, deadLetterPage, evaluation } from './admin-schemas.ts'
import { evaluateEvent, evaluationRequest } from './evaluate-event.ts'

interface AdminDeps {
  /** Absent: the routes answer 404. */
  readonly adminToken: string | undefined
  readonly inbox: Inbox
  readonly deliveryState: () => DeliveryState
  readonly budget: () => { allowed: number; remaining: number; resetAt: number | undefined }
  readonly rules: () => RuleSet
  readonly totals: Readonly<Totals>
  readonly now: () => number
}

const deadLetterQuery = z.strictObject({
  code: z.string().optional().describe('Only dead letters with this code.'),
  limit: z.coerce
    .number('must be a whole number from 1 to 500')
    .int()
    .min(1)
    .max(500)
    .default(50)
    .describe('Page size.'),
  cursor: z.coerce
    .number('must be the nextCursor of a previous response')
    .int()
    .min(0)
    .optional()
    .describe('The `nextCursor` of the previous page.'),
})

const common = { tags: ['Admin'], security: [{ adminToken: [] }] }

const problems = (...codes: readonly AnswerCode[]) =>
  problemResponses('unauthorized', 'route_not_found', ...codes)

const examples = {
  canonical: {
    summary: 'A canonical event',
    value: { event: eventExamples.canonical?.value, participants: [] },
  },
}

const isoTime = (time: number | undefined): string | null =>
  time === undefined ? null : new Date(time).toISOString()

/** The admin routes, with the admin token. Times are ISO 8601. Only the dry run shows attribute values. */
export function registerAdmin(server: FastifyInstance, deps: AdminDeps): void {
  const { inbox, totals, now } = deps
  const accepted = deps.adminToken === undefined ? undefined : [tokenDigest(deps.adminToken)]
  server.register((scope, _options, done) => {
    const admin = scope.withTypeProvider<ZodTypeProvider>()
    admin.addHook('onRequest', async (request) => {
      if (accepted === undefined) throw new Problem('route_not_found')
      const given = bearer(request)
      if (given !== undefined && positionOf(tokenDigest(given), accepted) > 0) return
      request.log.warn({ code: 'unauthorized', from: request.ip }, 'admin request refused')
      throw new Problem('unauthorized')
    })

    const getStatus = {
      ...common,
      operationId: 'getStatus',
      summary: 'State of inbox and delivery',
      response: { 200: jsonAnswer('The current state.', adminStatus), ...problems() },
    }
    admin.get('/admin/status', { schema: getStatus }, async () => {
      const { pending, inFlight, dead, oldestAcceptedAt } = await inbox.stats()
      const { state, pausedUntil, reason } = deps.deliveryState()
      const { allowed, remaining, resetAt } = deps.budget()
      return {
        inbox: {
          pending,
          inFlight,
          dead,
          oldestPendingMs: oldestAcceptedAt === undefined ? null : now() - oldestAcceptedAt,
        },
        delivery: {
          state,
          pausedUntil: isoTime(pausedUntil),
          reason: reason ?? null,
          budget: { allowed, remaining, resetAt: isoTime(resetAt) },
        },
        totals,
      }
    })

    const listDeadLetters = {
      ...common,
      operationId: 'listDeadLetters',
      summary: 'List dead letters',
      querystring: deadLetterQuery,
      response: {
        200: jsonAnswer('A page of dead letters.', deadLetterPage),
        ...problems('invalid_request'),
      },
    }
    admin.get('/admin/dead-letters', { schema: listDeadLetters }, async (request) => {
      const { code, limit, cursor } = request.query
      const page = await inbox.deadLetters({
        limit,
        ...(code !== undefined && { code }),
        ...(cursor !== undefined && { after: cursor }),
      })
      return { items: page.map(toItem), nextCursor: page.length === limit ? page.at(-1)?.sequence : null }
    })

    const evaluateRules = {
      ...common,
      operationId: 'evaluateRules',
      summary: 'Evaluate the rules for an event (dry run)',
      description:
        'Stores and sends nothing. Calls HTTP lookups, but not Genesys Cloud: `participants` replaces its response. Without `participants`, the body may be the event itself.',
      body: withExamples(evaluationRequest, examples),
      response: {
        200: jsonAnswer('The decision, with attribute values.', evaluation),
        ...problems('invalid_request', 'payload_too_large', 'unsupported_media_type', 'no_acceptable_event'),
      },
    }
    admin.post('/admin/rules/evaluate', { schema: evaluateRules }, async (request) =>
      evaluateEvent(request.body, deps.rules(), now()),
    )
    done()
  })
}

function toItem({ event, ...dead }: DeadLetter): Record<string, unknown> {
  const entry = Object.entries(errorCatalogue).find(([name]) => name === dead.code)?.[1]
  return {
    id: dead.identity,
    sequence: dead.sequence,
    code: dead.code,
    detail: dead.detail ?? entry?.title ?? null,
    remedy: entry?.remedy ?? null,
    acceptedAt: isoTime(dead.acceptedAt),
    diedAt: isoTime(dead.diedAt),
    type: event.type,
    topic: event.topic ?? null,
    eventId: event.id ?? null,
    conversationId: event.conversationId,
    participantId: event.participantId ?? null,
  }
}
