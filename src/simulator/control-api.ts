import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ErrorDescription } from './answers.ts'
import type { SimulatorControls } from './controls.ts'
import { conversationInputSchema } from './conversation.ts'
import { faultInputSchema } from './faults.ts'
import { notificationInputSchema } from './notifications.ts'
import { queueInputSchema } from './queues.ts'
import { clientErrorStatus } from './request-body.ts'

const callsQuerySchema = z.object({ after: z.coerce.number().int().min(0).default(0) })
const spendSchema = z.strictObject({ calls: z.int().min(1) })
const rateLimitSchema = z
  .strictObject({ allowed: z.int().min(1).optional(), windowMs: z.int().min(1).optional() })
  .refine(({ allowed, windowMs }) => allowed !== undefined || windowMs !== undefined, {
    error: 'needs allowed, windowMs or both',
  })

/** Close codes that an application may use. */
const dropSchema = z
  .strictObject({
    code: z.union([z.literal([1000, 1001, 1011, 1012, 1013]), z.int().min(3000).max(4999)]).optional(),
  })
  .default({})

interface IdParams {
  readonly id: string
}

/**
 * `/simulator/*`: the controls over HTTP, without authentication and faults. Errors are
 * `{status, code, message}`; the message lists all invalid fields.
 */
export function controlApi(
  scope: FastifyInstance,
  { controls }: { readonly controls: SimulatorControls },
): void {
  parseEveryBodyAsJson(scope)
  scope.setErrorHandler((error, _request, reply) => sendProblem(reply, problemOf(error)))

  scope.post('/simulator/conversations', (request, reply) => {
    const input = conversationInputSchema.parse(request.body)
    const created = controls.conversation(input.id) === undefined
    return reply.code(created ? 201 : 200).send(controls.createConversation(input))
  })
  scope.get<{ Params: IdParams }>('/simulator/conversations/:id', (request, reply) => {
    return controls.conversation(request.params.id) ?? sendProblem(reply, unknownConversation)
  })
  scope.post<{ Params: IdParams }>('/simulator/conversations/:id/end', (request, reply) => {
    return controls.endConversation(request.params.id) ?? sendProblem(reply, unknownConversation)
  })

  scope.get('/simulator/calls', (request) => {
    const { after } = callsQuerySchema.parse(request.query)
    const calls = controls.calls(after)
    return { calls, next: calls.at(-1)?.seq ?? after }
  })

  scope.post('/simulator/faults', (request, reply) => {
    const fault = faultInputSchema.parse(request.body)
    controls.addFault(fault)
    return reply.code(201).send(fault)
  })
  scope.get('/simulator/faults', () => ({ faults: controls.faults() }))
  scope.delete('/simulator/faults', (_request, reply) => {
    controls.clearFaults()
    return reply.code(204).send()
  })

  scope.post('/simulator/tokens/expire', () => ({ expired: controls.expireTokens() }))
  scope.post('/simulator/spend', (request) => ({
    tokens: controls.spend(spendSchema.parse(request.body).calls),
  }))
  scope.post('/simulator/rate-limit', (request) => controls.setRateLimit(rateLimitSchema.parse(request.body)))

  scope.post('/simulator/queues', (request, reply) =>
    reply.code(201).send(controls.createQueue(queueInputSchema.parse(request.body))),
  )
  scope.post('/simulator/notifications', (request) => ({
    sent: controls.notify(notificationInputSchema.parse(request.body)),
  }))
  scope.get('/simulator/notifications/channels', () => ({ channels: controls.channels() }))
  scope.delete('/simulator/notifications/channels', () => ({ ended: controls.endChannels() }))
  scope.post('/simulator/notifications/drop', (request) => ({
    dropped: controls.dropSockets(dropSchema.parse(request.body).code),
  }))
  scope.post('/simulator/notifications/mute', () => ({ muted: controls.muteSockets() }))
}

/** Accepts any content type and an empty body, so plain `curl -d` and `curl -X POST` work. */
function parseEveryBodyAsJson(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', { parseAs: 'string' }, async (_request: FastifyRequest, body: string) => {
    if (body.trim() === '') return undefined
    try {
      return JSON.parse(body)
    } catch (cause) {
      throw Object.assign(new Error('The request body is not JSON.', { cause }), { statusCode: 400 })
    }
  })
}

const unknownConversation: ErrorDescription = {
  status: 404,
  code: 'not.found',
  message: 'Conversation not found.',
}

function sendProblem(reply: FastifyReply, problem: ErrorDescription): FastifyReply {
  return reply.code(problem.status).send(problem)
}

/** Errors from zod and Fastify's body parser are client errors; other errors are bugs in the simulator. */
function problemOf(error: unknown): ErrorDescription {
  if (error instanceof z.ZodError) {
    const message = error.issues
      .map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`)
      .join('; ')
    return { status: 400, code: 'invalid.request', message }
  }
  const message = error instanceof Error ? error.message : String(error)
  const status = clientErrorStatus(error)
  return status === undefined
    ? { status: 500, code: 'internal.server.error', message }
    : { status, code: 'invalid.request', message }
}
