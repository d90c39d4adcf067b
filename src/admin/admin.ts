import { hostname } from 'node:os'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { DeliveryState } from '../deliver/delivery-state.ts'
import type { BudgetSnapshot } from '../deliver/rate-budget.ts'
import { jsonAnswer, withExamples } from '../http/answer-schemas.ts'
import type { Inbox } from '../inbox/inbox.ts'
import { eventExamples } from '../ingest/event-examples.ts'
import type { UndecidedRules } from '../log/undecided-rules.ts'
import type { Details, Totals } from '../metrics/totals.ts'
import { adminStatus, evaluation } from './admin-schemas.ts'
import { type AuthorizeDeps, createAuthorize } from './authorize.ts'
import { registerDeadLetterRoutes } from './dead-letter-routes.ts'
import { type DeliveryRoutesDeps, registerDeliveryRoutes } from './delivery-routes.ts'
import { evaluateEvent, evaluationRequest } from './evaluate-event.ts'
import { type EventRoutesDeps, registerEventRoutes } from './event-routes.ts'
import { isoTime } from './event-views.ts'
import { common, problems } from './route-schemas.ts'

interface AdminDeps extends AuthorizeDeps, DeliveryRoutesDeps, EventRoutesDeps {
  readonly inbox: Inbox
  readonly deliveryState: () => DeliveryState
  readonly budget: () => BudgetSnapshot
  readonly totals: Readonly<Totals>
  readonly details: Pick<Details, 'dead'>
  /** Most frequent first. */
  readonly undecided: UndecidedRules['counts']
  /** Whether delivery is started and not stopped. */
  readonly delivers: () => boolean
  readonly now: () => number
}

const examples = {
  canonical: {
    summary: 'A canonical event',
    value: { event: eventExamples.canonical?.value, participants: [] },
  },
}

/** The admin routes, with the admin token. Times are ISO 8601. Only the dry run shows attribute values. */
export function registerAdmin(server: FastifyInstance, deps: AdminDeps): void {
  const { inbox, totals, details, now } = deps
  const nodeId = `${hostname()}:${process.pid}`
  server.register((scope, _options, done) => {
    const admin = scope.withTypeProvider<ZodTypeProvider>()
    admin.addHook('onRequest', createAuthorize(deps))
    allowEmptyBodies(admin)

    const getStatus = {
      ...common,
      operationId: 'getStatus',
      summary: 'State of inbox and delivery',
      response: { 200: jsonAnswer('The current state.', adminStatus), ...problems() },
    }
    admin.get('/admin/status', { schema: getStatus }, async () => {
      const { pending, inFlight, dead, oldestAcceptedAt } = await inbox.stats()
      const { state, pausedUntil, reason, operatorPause } = deps.deliveryState()
      const { allowed, remaining, resetAt, assumed } = deps.budget()
      return {
        inbox: {
          pending,
          inFlight,
          dead,
          oldestPendingMs: oldestAcceptedAt === undefined ? null : now() - oldestAcceptedAt,
        },
        delivery: {
          state,
          pausedUntil: isoTime(operatorPause === undefined ? pausedUntil : undefined),
          pausedBy: operatorPause ? 'operator' : state === 'paused' ? 'rate_limit' : null,
          pausedSince: isoTime(operatorPause?.since),
          reason: operatorPause ? (operatorPause.reason ?? 'paused by an operator') : (reason ?? null),
          budget: { allowed, remaining, resetAt: isoTime(resetAt), assumed },
        },
        totals,
        failures: { dead: deadByCode(details), undecided: deps.undecided().slice(0, maxUndecided) },
        nodes: [{ id: nodeId, role: 'all', lastSeenAt: isoTime(now()), delivers: deps.delivers() }],
      }
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
    registerEventRoutes(admin, deps)
    registerDeadLetterRoutes(admin, deps)
    registerDeliveryRoutes(admin, deps)
    done()
  })
}

/** Pairs of rule and field in the status. The metrics count all by rule. */
const maxUndecided = 20

const deadByCode = ({ dead }: Pick<Details, 'dead'>) =>
  [...dead].flatMap(([code, count]) => (count === 0 ? [] : [{ code, count }]))

/** Routes without required fields accept a JSON content type without a body, which many clients send. */
function allowEmptyBodies(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error')
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, parsed) => {
    if (body === '') parsed(null, undefined)
    else void parse(request, body, parsed)
  })
}
