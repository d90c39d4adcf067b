import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Admissions } from './admission.ts'
import { type Answer, errorAnswer } from './answer.ts'
import type { CallSubject } from './call-log.ts'
import type { ErrorDescription } from './error-body.ts'
import type { Gateway, Outcome } from './gateway.ts'
import { identifierPattern } from './identifier.ts'
import { knownError } from './known-errors.ts'

/** The result of a route handler. */
export type Result =
  | { readonly answer: Answer; readonly applied?: boolean; readonly afterEnd?: boolean }
  | ErrorDescription

/** Serves one call under `/api/`: checks token and rate limit, then calls `handle`. */
export type ServePlatform = (
  request: FastifyRequest,
  reply: FastifyReply,
  subject: CallSubject,
  handle: () => Result,
) => Promise<FastifyReply>

export interface PlatformCallDependencies {
  readonly gateway: Gateway
  readonly admissions: Admissions
  readonly latencyMs: number
}

export function createServePlatform({
  gateway,
  admissions,
  latencyMs,
}: PlatformCallDependencies): ServePlatform {
  return (request, reply, subject, handle) => {
    const { authorization } = request.headers
    return gateway.serve(request, reply, {
      style: 'platform',
      subject,
      latencyMs,
      authorized: () => admissions.isLive(authorization),
      answer(correlationId): Outcome {
        const admission = admissions.admit(authorization, correlationId)
        if (admission.kind === 'refused') return admission
        const result = hasInvalidId(subject) ? invalidId : handle()
        const { answer, ...rest } = 'code' in result ? { answer: errorAnswer(result, correlationId) } : result
        const headers = { ...admission.rateHeaders, ...answer.headers }
        return { ...rest, authorized: true, answer: { ...answer, headers } }
      },
    })
  }
}

const invalidId: ErrorDescription = {
  ...knownError(400),
  message: 'Invalid id in the path: must be 1–128 characters of A-Za-z0-9_-.',
}

function hasInvalidId({ conversationId, participantId }: CallSubject): boolean {
  return [conversationId, participantId].some((id) => id !== undefined && !identifierPattern.test(id))
}
