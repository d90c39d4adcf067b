import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../errors.ts'
import type { Authentication } from './authenticate/authenticate.ts'
import type { Accepted, FetchedScheme, Refused, Scheme, Verdict } from './authenticate/credentials.ts'
import { isSnsRequest } from './authenticate/sns-signature.ts'
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
  /** Called for each request whose credential cannot be verified now. */
  readonly onKeysUnavailable: (scheme: FetchedScheme, cause: string) => void
  /** False: other nodes take events, and this one refuses them. */
  readonly takesEvents: boolean
  readonly draining: () => boolean
  readonly now: () => number
}

/** The state of a request before its body is read. */
interface Admitted {
  /** Undefined if authentication needs the body, or a key that is being fetched. */
  verdict: Verdict | undefined
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
    if (!deps.takesEvents) return done(new Problem('not_an_ingest_node'))
    if (deps.draining()) return done(new Problem('shutting_down'))
    if (!pressure.mayBegin()) return done(new Problem('overloaded', 'The event loop is late.'))
    const at = now()
    const credentials = { headers: request.headers, rawBody: none }
    const verdict = authentication.needsBody(request.headers)
      ? undefined
      : authentication.verify(credentials, at)
    const fetched =
      verdict?.accepted === false ? authentication.verifyFetched(credentials, at, verdict) : undefined
    if (verdict?.accepted === false && fetched === undefined)
      return done(refusal(verdict, request, reply, deps))
    const admitted: Admitted = { verdict, heldBytes: announcedBytes(request) }
    request.admitted = admitted
    const overload = hold(admitted, reply, pressure)
    if (overload !== undefined || fetched === undefined) return done(overload)
    return void fetched.then((late) => {
      admitted.verdict = late
      done(late.accepted ? undefined : refusal(late, request, reply, deps))
    }, done)
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
): Accepted | Promise<Accepted> {
  const { admitted, headers } = request
  if (admitted !== undefined && admitted.heldBytes !== rawBody.length) {
    deps.pressure.shrink(admitted.heldBytes, rawBody.length)
    admitted.heldBytes = rawBody.length
  }
  const settle = (verdict: Verdict): Accepted => {
    if (!verdict.accepted) throw refusal(verdict, request, reply, deps)
    deps.onAuthenticated(verdict.scheme, verdict.position)
    return verdict
  }
  if (admitted?.verdict !== undefined) return settle(admitted.verdict)
  const at = deps.now()
  const credentials = { headers, rawBody }
  const verdict = deps.authentication.verify(credentials, at)
  const fetched = verdict.accepted ? undefined : deps.authentication.verifyFetched(credentials, at, verdict)
  return fetched === undefined ? settle(verdict) : fetched.then(settle)
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

/**
 * Limits bad credentials only. Senders may share an address, so a valid credential is always accepted. A credential that may
 * be valid gets 503, because some senders do not repeat a request after 401.
 */
function refusal(
  { cause, unavailable, missing }: Refused,
  { ip: from, log, headers }: FastifyRequest,
  reply: FastifyReply,
  { failures, onKeysUnavailable }: AdmissionDeps,
): Problem {
  if (unavailable !== undefined) {
    onKeysUnavailable(unavailable, cause)
    return new Problem('keys_unavailable')
  }
  // Amazon SNS sends the password of a subscription only after this challenge, so its first request is not a failure.
  if (missing === true && isSnsRequest(headers)) {
    reply.header('www-authenticate', 'Basic realm="genesys-enricher"')
    return new Problem('unauthorized')
  }
  const verdict = failures.record(from)
  const code = verdict.kind === 'too_many' ? 'too_many_failures' : 'unauthorized'
  if (verdict.log) log.warn({ code, cause, from }, 'webhook refused')
  if (verdict.kind === 'too_many') reply.header('retry-after', String(verdict.retryAfterSeconds))
  return new Problem(code)
}
