import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Answer, type ErrorDescription, knownError } from './answers.ts'
import { readAttributeUpdate } from './attribute-update.ts'
import type { ParticipantView } from './conversation.ts'
import type { Conversations } from './conversations.ts'
import type { ServePlatform } from './platform-call.ts'
import { type ReceivedBody, receiveBodiesUnparsed } from './request-body.ts'

interface ConversationParams {
  readonly conversationId: string
}

interface ParticipantParams extends ConversationParams {
  readonly participantId: string
}

export interface PlatformApiOptions {
  readonly serve: ServePlatform
  readonly conversations: Conversations
}

/**
 * The conversations API, with the routes of both profiles:
 *
 * - official SDKs: `GET /api/v2/conversations/{id}` and `PATCH …/participants/{pid}/attributes`;
 * - tutorial: `GET …/{id}/participants` and `PATCH …/participants/{pid}`. The first does not
 *   exist on the real platform. The second does, but takes a MediaParticipantRequest and can hang up a
 *   customer; here it takes attributes only.
 */
export function platformApi(scope: FastifyInstance, { serve, conversations }: PlatformApiOptions): void {
  function servePatch(
    request: FastifyRequest<{ Params: ParticipantParams; Body: ReceivedBody | undefined }>,
    reply: FastifyReply,
    accept: (participant: ParticipantView) => Answer,
  ) {
    const { conversationId, participantId } = request.params
    const update = readAttributeUpdate(request.headers['content-type'], request.body)
    const attributes = update.kind === 'valid' ? { attributes: update.attributes } : {}
    return serve(request, reply, { conversationId, participantId, ...attributes }, () => {
      if (update.kind === 'invalid') return update.error
      const result = conversations.patch(conversationId, participantId, update.attributes)
      if (result.kind === 'conversation-not-found') return conversationNotFound
      if (result.kind === 'participant-not-found') return participantNotFound
      return { answer: accept(result.participant), applied: true, afterEnd: result.afterEnd }
    })
  }

  receiveBodiesUnparsed(scope, (request, reply, status) =>
    serve(request, reply, {}, () => knownError(status)),
  )

  scope.get<{ Params: ConversationParams }>('/api/v2/conversations/:conversationId', (request, reply) =>
    serve(request, reply, { conversationId: request.params.conversationId }, () => {
      const body = conversations.read(request.params.conversationId)
      return body === undefined ? conversationNotFound : { answer: { status: 200, body } }
    }),
  )

  // 202 without a body: the official SDKs document "Accepted" and read nothing.
  scope.patch<{ Params: ParticipantParams; Body: ReceivedBody | undefined }>(
    '/api/v2/conversations/:conversationId/participants/:participantId/attributes',
    (request, reply) => servePatch(request, reply, () => ({ status: 202 })),
  )

  scope.get<{ Params: ConversationParams }>(
    '/api/v2/conversations/:conversationId/participants',
    (request, reply) =>
      serve(request, reply, { conversationId: request.params.conversationId }, () => {
        const entities = conversations.read(request.params.conversationId)?.participants
        return entities === undefined ? conversationNotFound : { answer: { status: 200, body: { entities } } }
      }),
  )

  scope.patch<{ Params: ParticipantParams; Body: ReceivedBody | undefined }>(
    '/api/v2/conversations/:conversationId/participants/:participantId',
    (request, reply) => servePatch(request, reply, (body) => ({ status: 200, body })),
  )

  scope.all('/api/*', (request, reply) => serve(request, reply, {}, () => knownError(404)))
}

const conversationNotFound: ErrorDescription = {
  status: 404,
  code: 'conversation.not.found',
  message: 'The requested conversation was not found.',
}

const participantNotFound: ErrorDescription = {
  status: 404,
  code: 'participant.not.found',
  message: 'The requested participant was not found in this conversation.',
}
