import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { jsonAnswer } from '../http/answer-schemas.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { Details } from '../metrics/totals.ts'
import { adminStatus } from './admin-schemas.ts'
import { type AuthorizeDeps, createAuthorize } from './authorize.ts'
import { type DeadLetterRoutesDeps, registerDeadLetterRoutes } from './dead-letter-routes.ts'
import { type DeliveryRoutesDeps, registerDeliveryRoutes } from './delivery-routes.ts'
import { type EventRoutesDeps, registerEventRoutes } from './event-routes.ts'
import { type LiveRoutesDeps, registerLiveRoutes } from './live-routes.ts'
import { common, problems } from './route-schemas.ts'
import { type RulesRoutesDeps, registerRulesRoutes } from './rules-routes.ts'
import { readStatus, type StatusDeps } from './status.ts'

interface AdminDeps
  extends AuthorizeDeps,
    StatusDeps,
    EventRoutesDeps,
    DeadLetterRoutesDeps,
    DeliveryRoutesDeps,
    RulesRoutesDeps,
    LiveRoutesDeps {
  readonly inbox: Inbox
  readonly details: Details
  readonly now: () => number
}

const getStatus = {
  ...common,
  operationId: 'getStatus',
  summary: 'State of inbox and delivery',
  response: { 200: jsonAnswer('The current state.', adminStatus), ...problems() },
}

/** The admin routes, with the admin token. Times are ISO 8601. Only rules and their dry run show attribute values. */
export function registerAdmin(server: FastifyInstance, deps: AdminDeps): void {
  server.register((scope, _options, done) => {
    const admin = scope.withTypeProvider<ZodTypeProvider>()
    admin.addHook('onRequest', createAuthorize(deps))
    allowEmptyBodies(admin)
    admin.get('/admin/status', { schema: getStatus }, () => readStatus(deps))
    registerLiveRoutes(admin, deps)
    registerEventRoutes(admin, deps)
    registerDeadLetterRoutes(admin, deps)
    registerDeliveryRoutes(admin, deps)
    registerRulesRoutes(admin, deps)
    done()
  })
}

/** Routes without required fields accept a JSON content type without a body, which many clients send. */
function allowEmptyBodies(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error')
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, parsed) => {
    if (body === '') parsed(null, undefined)
    else void parse(request, body, parsed)
  })
}
