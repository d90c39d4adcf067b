import type { FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../errors.ts'
import { positionOf } from '../ingest/authenticate/credentials.ts'
import { bearer, tokenDigest } from '../ingest/authenticate/tokens.ts'
import type { FailureCounter } from '../ingest/sender-failures.ts'

export interface AuthorizeDeps {
  /** Absent: the routes answer 404. */
  readonly adminToken: string | undefined
  /** Counts wrong tokens by address. */
  readonly failures: FailureCounter
}

/** Checks the admin token. An address with too many wrong ones gets 429; a valid token is always accepted. */
export function createAuthorize({ adminToken, failures }: AuthorizeDeps) {
  const accepted = adminToken === undefined ? undefined : [tokenDigest(adminToken)]
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (accepted === undefined) throw new Problem('route_not_found')
    const given = bearer(request)
    if (given !== undefined && positionOf(tokenDigest(given), accepted) > 0) return
    const failure = failures.record(request.ip)
    const code = failure.kind === 'too_many' ? 'too_many_failures' : 'unauthorized'
    if (failure.log) request.log.warn({ code, from: request.ip }, 'admin request refused')
    if (failure.kind === 'too_many') reply.header('retry-after', String(failure.retryAfterSeconds))
    throw new Problem(code)
  }
}
