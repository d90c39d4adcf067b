import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../errors.ts'
import type { Authenticate } from './authenticate/authenticate.ts'
import type { Credentials, Verdict } from './authenticate/secrets.ts'
import type { Pressure } from './pressure.ts'

export interface AdmissionDeps {
  readonly authenticate: Authenticate
  /** Whether credentials can only be judged with the body. Absent: always. */
  readonly needsBody?: (headers: Credentials['headers']) => boolean
  /** Absent: nothing is too much. */
  readonly pressure?: Pressure
  readonly draining: () => boolean
  readonly now: () => number
}

/** What is known of a request before its body is. */
interface Admitted {
  /** What the headers alone have proved; undefined: the body decides. */
  readonly verdict: Verdict | undefined
  heldBytes: number
}

declare module 'fastify' {
  interface FastifyRequest {
    admitted: Admitted | undefined
  }
}

/** Makes the answer to bad credentials. */
type Refuse = (cause: string, request: FastifyRequest, reply: FastifyReply) => Problem

const none = Buffer.alloc(0)

/**
 * Refuses what can be refused before the body is read, the cheapest first, so that neither strangers nor an overload fill the
 * memory: a request counts from here on until it is answered or gone.
 */
export function registerAdmission(ingest: FastifyInstance, deps: AdmissionDeps, refuse: Refuse): void {
  const { authenticate, needsBody = () => true, pressure, draining, now } = deps
  ingest.decorateRequest('admitted', undefined)
  ingest.addHook('onRequest', (request, reply, done) => {
    if (request.method !== 'POST') return done()
    if (draining()) return done(new Problem('shutting_down'))
    if (pressure?.mayBegin() === false) return done(new Problem('overloaded', 'Answers would come too late.'))
    const verdict = needsBody(request.headers)
      ? undefined
      : authenticate({ headers: request.headers, rawBody: none }, now())
    if (verdict?.accepted === false) return done(refuse(verdict.cause, request, reply))
    const admitted = { verdict, heldBytes: announced(request) }
    request.admitted = admitted
    return done(pressure === undefined ? undefined : hold(admitted, reply, pressure))
  })
}

/** The verdict on a request whose body is there now, which from here on counts as it is. */
export function verdictOn(
  request: FastifyRequest,
  rawBody: Buffer,
  { authenticate, pressure, now }: AdmissionDeps,
): Verdict {
  const { admitted, headers } = request
  if (admitted !== undefined && admitted.heldBytes !== rawBody.length) {
    pressure?.shrink(admitted.heldBytes, rawBody.length)
    admitted.heldBytes = rawBody.length
  }
  return admitted?.verdict ?? authenticate({ headers, rawBody }, now())
}

/** A body in chunks may become as long as any may. */
const announced = ({ headers }: FastifyRequest): number =>
  headers['transfer-encoding'] === undefined
    ? Number(headers['content-length'] ?? 0)
    : Number.POSITIVE_INFINITY

function hold(admitted: Admitted, reply: FastifyReply, pressure: Pressure): Problem | undefined {
  if (!pressure.hold(admitted.heldBytes))
    return new Problem('overloaded', `Requests of ${pressure.status().heldBytes} bytes wait to be stored.`)
  // Comes in every case: answered, or given up by the sender.
  reply.raw.once('close', () => pressure.release(admitted.heldBytes))
  return undefined
}
