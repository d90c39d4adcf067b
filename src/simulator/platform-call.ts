import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  type Answer,
  authenticationRequired,
  type ErrorDescription,
  errorAnswer,
  knownError,
  rateLimitExceeded,
} from './answers.ts'
import type { CallSubject } from './call-log.ts'
import { identifier } from './conversation.ts'
import type { Gateway, Outcome } from './gateway.ts'
import type { RateLimiter, RateStatus } from './rate-limiter.ts'
import type { Token, Tokens } from './tokens.ts'

/** The result of a route handler. */
export type Result = Omit<Outcome, 'authorized'> | ErrorDescription

/** Serves one call under `/api/`, including unknown paths: checks token and rate limit, then calls `handle`. */
export type ServePlatform = (
  request: FastifyRequest,
  reply: FastifyReply,
  subject: CallSubject,
  handle: () => Result,
) => Promise<FastifyReply>

export interface PlatformCallDependencies {
  readonly gateway: Gateway
  readonly tokens: Tokens
  readonly rateLimiter: RateLimiter<Token>
  readonly latencyMs: number
  readonly now: () => number
}

export function createServePlatform({
  gateway,
  tokens,
  rateLimiter,
  latencyMs,
  now,
}: PlatformCallDependencies): ServePlatform {
  return (request, reply, subject, handle) => {
    const bearer = request.headers.authorization?.match(/^bearer +(\S+)$/i)?.[1]
    const findToken = () => (bearer === undefined ? undefined : tokens.find(bearer, now()))
    const sender = findToken()
    return gateway.serve(request, reply, {
      style: 'platform',
      subject: { ...subject, ...(sender && { token: sender.number }) },
      latencyMs,
      authorized: () => findToken() !== undefined,
      answer(correlationId): Outcome {
        const token = findToken()
        if (token === undefined) {
          const error = bearer === undefined ? authenticationRequired : knownError(401)
          return { authorized: false, answer: errorAnswer(error, correlationId) }
        }
        const rate = rateLimiter.count(token, 1, now())
        if (rate.exceeded) {
          const answer = errorAnswer(rateLimitExceeded(rate.resetSeconds), correlationId)
          const headers = { ...rateHeaders(rate), 'Retry-After': String(rate.resetSeconds) }
          return { authorized: true, answer: { ...answer, headers } }
        }
        const result = hasInvalidId(subject) ? invalidId : handle()
        const outcome = 'code' in result ? { answer: errorAnswer(result, correlationId) } : result
        return { ...outcome, authorized: true, answer: withHeaders(outcome.answer, rateHeaders(rate)) }
      },
    })
  }
}

const withHeaders = (answer: Answer, headers: Readonly<Record<string, string>>): Answer => ({
  ...answer,
  headers: { ...headers, ...answer.headers },
})

/** Header names from the Genesys SDK's logging article; `reset` is in whole seconds. */
const rateHeaders = ({ count, allowed, resetSeconds }: RateStatus): Readonly<Record<string, string>> => ({
  'inin-ratelimit-count': String(count),
  'inin-ratelimit-allowed': String(allowed),
  'inin-ratelimit-reset': String(resetSeconds),
})

const invalidId: ErrorDescription = {
  ...knownError(400),
  message: 'Invalid id in the path: must be 1–128 characters of A-Za-z0-9_-.',
}

const hasInvalidId = ({ conversationId, participantId }: CallSubject): boolean =>
  [conversationId, participantId].some((id) => id !== undefined && !identifier.safeParse(id).success)
