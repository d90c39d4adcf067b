import type { FastifyReply } from 'fastify'
import { type ErrorDescription, errorBody } from './error-body.ts'

/** An HTTP response before it is sent. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** Undefined: an empty body. A string is sent unchanged, other values as JSON. */
  readonly body?: unknown
}

export function errorAnswer(error: ErrorDescription, correlationId: string): Answer {
  return { status: error.status, body: errorBody(error, correlationId) }
}

export function sendAnswer(reply: FastifyReply, { status, headers = {}, body }: Answer): FastifyReply {
  reply.code(status).headers(headers)
  if (body === undefined || typeof body === 'string') return reply.send(body)
  // Fastify would send null as an empty body and throw on numbers and booleans.
  if (!reply.hasHeader('content-type')) reply.type('application/json; charset=utf-8')
  return reply.send(JSON.stringify(body))
}
