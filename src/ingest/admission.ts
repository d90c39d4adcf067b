import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../errors.ts'
import type { Authentication } from './authenticate/authenticate.ts'
import type { Scheme, Verdict } from './authenticate/credentials.ts'
import type { Pressure } from './pressure.ts'
import type { FailureCounter } from './sender-failures.ts'

export interface AdmissionDeps {
  readonly authentication: Authentication
  /** Whether an address may use the path. */
  readonly allowed: (address: string) => boolean
  /** Limits refused requests by sender. */
  readonly failures: FailureCounter
  readonly pressure: Pressure
  /** Called for each authenticated request. */
  readonly onAuthenticated: (scheme: Scheme, position: number) => void
  readonly draining: () => boolean
  readonly now: () => number
}

/** The state of a request before its body is read. */
interface Admitted {
  /** Undefined if authentication needs the body. */
  readonly verdict: Verdict | undefined
  heldBytes: number
}

declare module 'fastify' {
  interface FastifyRequest {
    admitted: Admitted | undefined
  }
}

const none = Buffer.alloc(0)

/**
 * Refuses requests before it reads their body, cheapest check first. This limits the memory that unknown senders and
 * overload can use. An admitted request counts against the memory limit until it is answered or aborted.
 */
export function registerAdmission(ingest: FastifyInstance, deps: AdmissionDeps): void {
  const { authentication, pressure, now } = deps
  ingest.decorateRequest('admitted', undefined)
  ingest.addHook('onRequest', (request, reply, done) => {
    if (!deps.allowed(request.ip)) return done(addressRefusal(request, deps))
    if (request.method !== 'POST') return done()
    if (deps.draining()) return done(new Problem('shutting_down'))
    if (!pressure.mayBegin()) return done(new Problem('overloaded', 'The event loop is late.'))
    const verdict = authentication.needsBody(request.headers)
      ? undefined
      : authentication.verify({ headers: request.headers, rawBody: none }, now())
    if (verdict?.accepted === false) return done(refusal(verdict.cause, request, reply, deps))
    const admitted = { verdict, heldBytes: announcedBytes(request) }
    request.admitted = admitted
    return done(hold(admitted, reply, pressure))
  })
}

/**
 * Authenticates a request whose body was read; throws `Problem` if the credentials are bad. From now on, the real length of
 * the body counts against the memory limit.
 */
export function authenticateRequest(
  request: FastifyRequest,
  reply: FastifyReply,
  rawBody: Buffer,
  deps: AdmissionDeps,
): Scheme {
  const { admitted, headers } = request
  if (admitted !== undefined && admitted.heldBytes !== rawBody.length) {
    deps.pressure.shrink(admitted.heldBytes, rawBody.length)
    admitted.heldBytes = rawBody.length
  }
  const verdict = admitted?.verdict ?? deps.authentication.verify({ headers, rawBody }, deps.now())
  if (!verdict.accepted) throw refusal(verdict.cause, request, reply, deps)
  deps.onAuthenticated(verdict.scheme, verdict.position)
  return verdict.scheme
}

/** A chunked body announces no length, so it counts as MAX_BODY_BYTES. */
const announcedBytes = ({ headers }: FastifyRequest): number =>
  headers['transfer-encoding'] === undefined
    ? Number(headers['content-length'] ?? 0)
    : Number.POSITIVE_INFINITY

function hold(admitted: Admitted, reply: FastifyReply, pressure: Pressure): Problem | undefined {
  if (!pressure.hold(admitted.heldBytes))
    return new Problem(
      'overloaded',
      `Requests of ${pressure.status().heldBytes} bytes are waiting to be stored.`,
    )
  // Node.js always emits it: after the response, or when the sender aborts.
  reply.raw.once('close', () => pressure.release(admitted.heldBytes))
  return undefined
}

function addressRefusal({ ip: from, log }: FastifyRequest, { failures }: AdmissionDeps): Problem {
  const code = 'address_not_allowed'
  if (failures.record(from).log) log.warn({ code, from }, 'webhook refused')
  return new Problem(code)
}

/** Limits bad credentials only. Senders may share an address, so a valid credential is always accepted. */
function refusal(
  cause: string,
  { ip: from, log }: FastifyRequest,
  reply: FastifyReply,
  { failures }: AdmissionDeps,
): Problem {
  const verdict = failures.record(from)
  const code = verdict.kind === 'too_many' ? 'too_many_failures' : 'unauthorized'
  if (verdict.log) log.warn({ code, cause, from }, 'webhook refused')
  if (verdict.kind === 'too_many') reply.header('retry-after', String(verdict.retryAfterSeconds))
  return new Problem(code)
}
