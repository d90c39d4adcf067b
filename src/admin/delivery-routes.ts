import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { OperatorPause } from '../deliver/operator-pause.ts'
import { jsonAnswer } from '../http/answer-schemas.ts'
import type { AuditTrail } from './audit.ts'
import { isoTime } from './event-views.ts'
import { pauseRequest } from './query-schemas.ts'
import { common, problems } from './route-schemas.ts'
import { storedOrThrow } from './stored-or-throw.ts'

export interface DeliveryRoutesDeps {
  readonly operatorPause: OperatorPause
  readonly audit: Pick<AuditTrail, 'record'>
}

export const pauseAnswer = z
  .object({
    paused: z.boolean(),
    since: z.iso.datetime().nullable(),
    reason: z.string().nullable(),
    wasPaused: z.boolean().describe('Whether an operator had paused delivery before the request.'),
  })
  .meta({ id: 'OperatorPause', description: "The operator's pause of delivery." })

const changeProblems = problems(
  'invalid_request',
  'payload_too_large',
  'unsupported_media_type',
  'store_unavailable',
)

const pauseDelivery = {
  ...common,
  operationId: 'pauseDelivery',
  summary: 'Pause delivery',
  description:
    'No call starts until it is resumed, also after a restart. Calls under way finish, and events are still accepted. Repeat it with another reason to change the reason.',
  body: pauseRequest,
  response: { 200: jsonAnswer('Delivery is paused.', pauseAnswer), ...changeProblems },
}

const resumeDelivery = {
  ...common,
  operationId: 'resumeDelivery',
  summary: 'Resume delivery',
  description: 'Ends the pause of an operator at once. A pause after a 429 goes on.',
  response: {
    200: jsonAnswer('Delivery is not paused by an operator.', pauseAnswer),
    ...problems('store_unavailable'),
  },
}

export function registerDeliveryRoutes(
  server: FastifyInstance,
  { operatorPause, audit }: DeliveryRoutesDeps,
): void {
  const routes = server.withTypeProvider<ZodTypeProvider>()
  routes.post('/admin/delivery/pause', { schema: pauseDelivery }, async (request) => {
    const reason = request.body?.reason || undefined
    const wasPaused = operatorPause.current() !== undefined
    const pause = await storedOrThrow(request, operatorPause.pause(reason))
    audit.record(request, 'warn', 'delivery paused by an operator', {
      ...(pause.reason !== undefined && { reason: pause.reason }),
    })
    return { paused: true, since: isoTime(pause.since), reason: pause.reason ?? null, wasPaused }
  })
  routes.post('/admin/delivery/resume', { schema: resumeDelivery }, async (request) => {
    const ended = await storedOrThrow(request, operatorPause.resume())
    if (ended !== undefined)
      audit.record(request, 'info', 'delivery resumed by an operator', { since: isoTime(ended.since) })
    return { paused: false, since: null, reason: null, wasPaused: ended !== undefined }
  })
}
