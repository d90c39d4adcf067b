import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../errors.ts'
import type { Authentication } from './authenticate/authenticate.ts'
import type { Verdict } from './authenticate/credentials.ts'
import type { Pressure } from './pressure.ts'

export interface AdmissionDeps {
  readonly authentication: Authentication
  /** Absent: load is never refused. */
  readonly pressure?: Pressure
  readonly draining: () => boolean
  readonly now: () => number
}

/** The state of a request before its body is read. */
interface Admitted {
  /** By the headers alone; undefined: the verdict needs the body. */
  readonly verdict: Verdict | undefined
  heldBytes: number
}

declare module 'fastify' {
  interface FastifyRequest {
    admitted: Admitted | undefined
  }
}

/** Creates the response to bad credentials. */
type Refuse = (cause: string, request: FastifyRequest, reply: FastifyReply) => Problem

const none = Buffer.alloc(0)

/**
 * Refuses requests before their body is read, the cheapest check first, so that neither unknown senders nor an overload fill
 * the memory. An admitted request counts against the memory bound until it is answered or aborted.
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
    const admitted = { verdict, heldBytes: announced(request) }
    request.admitted = admitted
    return done(pressure === undefined ? undefined : hold(admitted, reply, pressure))
  })
}

/** Authenticates a request whose body has been read; from now on the body's real length counts against the memory bound. */
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

/** A chunked body has no announced length, so it counts as the longest allowed. */
const announced = ({ headers }: FastifyRequest): number =>
  headers['transfer-encoding'] === undefined
    ? Number(headers['content-length'] ?? 0)
    : Number.POSITIVE_INFINITY

function hold(admitted: Admitted, reply: FastifyReply, pressure: Pressure): Problem | undefined {
  if (!pressure.hold(admitted.heldBytes))
    return new Problem('overloaded', `Requests of ${pressure.status().heldBytes} bytes wait to be stored.`)
  // Emitted in every case: after the response, or when the sender aborts.
  reply.raw.once('close', () => pressure.release(admitted.heldBytes))
  return undefined
}
