import type { FastifyReply } from 'fastify'
import { type ErrorDescription, errorBody } from './error-body.ts'

/** An HTTP answer before it is written. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** Nothing: an empty body. A string is sent as it is, anything else as JSON. */
  readonly body?: unknown
}

export function errorAnswer(error: ErrorDescription, correlationId: string): Answer {
  return { status: error.status, body: errorBody(error, correlationId) }
}

export function sendAnswer(reply: FastifyReply, { status, headers = {}, body }: Answer): FastifyReply {
  reply.code(status).headers(headers)
  if (body === undefined || typeof body === 'string') return reply.send(body)
  // Serialized here, since Fastify would send null as no body and refuse bare numbers and booleans.
  if (!reply.hasHeader('content-type')) reply.type('application/json; charset=utf-8')
  return reply.send(JSON.stringify(body))
}
