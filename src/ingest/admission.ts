import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../errors.ts'
import type { Authentication } from './authenticate/authenticate.ts'
import type { Verdict } from './authenticate/credentials.ts'
import type { Pressure } from './pressure.ts'

export interface AdmissionDeps {
  readonly authentication: Authentication
  /** Absent: no limit on load. */
  readonly pressure?: Pressure
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

/** Creates the problem that answers bad credentials. */
type Refuse = (cause: string, request: FastifyRequest, reply: FastifyReply) => Problem

const none = Buffer.alloc(0)

/**
 * Refuses requests before it reads their body, cheapest check first. This limits the memory that unknown senders and
 * overload can use. An admitted request counts against the memory limit until it is answered or aborted.
 */
export function registerAdmission(ingest: FastifyInstance, deps: AdmissionDeps, refuse: Refuse): void {
  const { authentication, pressure, draining, now } = deps
  ingest.decorateRequest('admitted', undefined)
  ingest.addHook('onRequest', (request, reply, done) => {
    if (request.method !== 'POST') return done()
    if (draining()) return done(new Problem('shutting_down'))
    if (pressure?.mayBegin() === false) return done(new Problem('overloaded', 'The event loop is late.'))
    const verdict = authentication.needsBody(request.headers)
      ? undefined
      : authentication.verify({ headers: request.headers, rawBody: none }, now())
    if (verdict?.accepted === false) return done(refuse(verdict.cause, request, reply))
    const admitted = { verdict, heldBytes: announcedBytes(request) }
    request.admitted = admitted
    return done(pressure === undefined ? undefined : hold(admitted, reply, pressure))
  })
}

/** Authenticates a request whose body was read. From now on, the real length of the body counts against the memory limit. */
export function authenticateRequest(
  request: FastifyRequest,
  rawBody: Buffer,
  { authentication, pressure, now }: AdmissionDeps,
): Verdict {
  const { admitted, headers } = request
  if (admitted !== undefined && admitted.heldBytes !== rawBody.length) {
    pressure?.shrink(admitted.heldBytes, rawBody.length)
    admitted.heldBytes = rawBody.length
  }
  return admitted?.verdict ?? authentication.verify({ headers, rawBody }, now())
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
