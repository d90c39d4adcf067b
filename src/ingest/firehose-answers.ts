import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify'
import { errorCatalogue, Problem } from '../errors.ts'
import { isObject } from '../values/json.ts'
import { header } from './authenticate/credentials.ts'
import { firehoseRequestIdIn } from './carriers/firehose.ts'
import { formatProblem } from './envelopes/envelope.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set if Amazon Data Firehose sent the request. */
    firehoseRequestId: string | undefined
    /** Why the request failed, as text for Firehose. */
    firehoseError: string | undefined
  }
}

/** Longer problems are cut. Firehose allows 8,192 bytes. */
const maxMessageLength = 2_000

/**
 * Answers Firehose in its own form, also if the request fails: it counts any other answer as a failure, and sends the request
 * again. https://docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html
 */
export function registerFirehoseAnswers(ingest: FastifyInstance, { now }: { now: () => number }): void {
  ingest.decorateRequest('firehoseRequestId', undefined)
  ingest.decorateRequest('firehoseError', undefined)
  ingest.addHook('onRequest', (request, _reply, next) => {
    request.firehoseRequestId = header(request, 'x-amz-firehose-request-id')
    next()
  })
  ingest.addHook('onError', (request, _reply, error, next) => {
    if (request.firehoseRequestId !== undefined) request.firehoseError = messageOf(error)
    next()
  })
  ingest.addHook('onSend', (request, reply, payload, next) => {
    const { firehoseRequestId: requestId, firehoseError: errorMessage } = request
    if (requestId === undefined || typeof payload !== 'string') return next(null, payload)
    if (reply.statusCode < 300) reply.code(200)
    reply.type('application/json')
    return next(null, JSON.stringify({ requestId, timestamp: now(), errorMessage }))
  })
}

/** Recognises a request of Firehose by its body, if a proxy has removed its headers. */
export function noteFirehose(request: FastifyRequest, items: readonly unknown[]): void {
  const [item] = items
  if (request.firehoseRequestId === undefined && items.length === 1 && isObject(item))
    request.firehoseRequestId = firehoseRequestIdIn(item)
}

/** The detail of a problem, with the invalid fields. */
function messageOf(error: FastifyError | Problem): string {
  if (!(error instanceof Problem)) {
    const isOfSender = error.statusCode !== undefined && error.statusCode < 500
    return isOfSender ? error.message : errorCatalogue.internal_error.title
  }
  const { title, detail, errors } = error.body()
  const fields = Array.isArray(errors) ? errors.map(formatProblem) : []
  return [`${title}: ${detail}`, ...fields].join('; ').slice(0, maxMessageLength)
}
