import type { FastifyInstance, FastifyRequest } from 'fastify'
import { isObject, readJsonText } from '../values/json.ts'
import { header } from './authenticate/credentials.ts'
import { firehoseRequestIdIn } from './carriers/firehose.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set if Amazon Data Firehose sent the request. */
    firehoseRequestId: string | undefined
  }
}

/** Longer than any problem of this service. Firehose allows 8,192 bytes. */
const maxMessageLength = 2_000

/**
 * Answers Firehose in its own form, also if the request fails: it counts any other answer as a failure, and sends the request
 * again. https://docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html
 */
export function registerFirehoseAnswers(ingest: FastifyInstance, { now }: { now: () => number }): void {
  ingest.decorateRequest('firehoseRequestId', undefined)
  ingest.addHook('onRequest', (request, _reply, next) => {
    request.firehoseRequestId = header(request, 'x-amz-firehose-request-id')
    next()
  })
  ingest.addHook('onSend', (request, reply, payload, next) => {
    const { firehoseRequestId: requestId } = request
    if (requestId === undefined || typeof payload !== 'string') return next(null, payload)
    const isStored = reply.statusCode < 300
    if (isStored) reply.code(200)
    reply.type('application/json')
    const errorMessage = isStored ? {} : { errorMessage: messageIn(payload) }
    return next(null, JSON.stringify({ requestId, timestamp: now(), ...errorMessage }))
  })
}

/** Recognises a request of Firehose by its body, if a proxy has removed its headers. */
export function noteFirehose(request: FastifyRequest, items: readonly unknown[]): void {
  const [item] = items
  if (request.firehoseRequestId === undefined && items.length === 1 && isObject(item))
    request.firehoseRequestId = firehoseRequestIdIn(item)
}

/** The detail of a problem document, with the invalid fields. */
function messageIn(problem: string): string {
  const json = readJsonText(problem)
  if (json.kind === 'invalid' || !isObject(json.value)) return problem.slice(0, maxMessageLength)
  const { title, detail, errors } = json.value
  const fields = Array.isArray(errors) ? errors.map(({ path, message }) => `${path} ${message}`.trim()) : []
  return [`${title}: ${detail}`, ...fields].join('; ').slice(0, maxMessageLength)
}
