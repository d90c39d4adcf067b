import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../errors.ts'
import { isStoreFailure } from '../inbox/store-failure.ts'
import { isFilledText } from '../values/normal-forms.ts'
import { type AdmissionDeps, authenticateRequest, registerAdmission } from './admission.ts'
import type { Arrivals } from './arrivals.ts'
import { type Accepted, type Credentials, header, type Scheme } from './authenticate/credentials.ts'
import { mediaType, readBody } from './body.ts'
import { validationCodeIn } from './carriers/event-grid.ts'
import { formatProblem, type JsonObject } from './envelopes/envelope.ts'
import { noteFirehose, registerFirehoseAnswers } from './firehose-answers.ts'
import type { Delivery, Intake, IntakeResult } from './intake.ts'
import type { RequestTraces } from './trace-requests.ts'
import { allowSender, receiveEvents } from './webhook-schemas.ts'

export interface IngestDeps extends AdmissionDeps {
  readonly accept: Intake
  readonly arrivals: Arrivals
  readonly maxBodyBytes: number
  readonly maxBatch: number
  /** Confirms the subscription to an SNS topic, if the message is genuine and the topic is expected. Does not wait. */
  readonly confirmSubscription: (confirmation: JsonObject) => void
  /** Called for each response on the path; `durationMs` since the request arrived. */
  readonly onAnswered: (status: number, durationMs: number) => void
  /** Absent: tracing is off. */
  readonly traces?: RequestTraces | undefined
}

export const webhookPath = '/webhooks/genesys'

/** POST /webhooks/genesys. Answers 202 only after every accepted event is durable. */
export function registerIngest(server: FastifyInstance, deps: IngestDeps): void {
  const endOfTurn = createEndOfTurn()
  deps.arrivals.watch(server.server)
  server.register((ingest, _options, done) => {
    // Signatures cover the raw bytes, so the route parses the body itself, after it has checked them.
    ingest.removeAllContentTypeParsers()
    ingest.setValidatorCompiler(() => () => true) // the schemas are documentation only: the envelopes accept more
    ingest.addContentTypeParser(
      // '*' alone would be slower: Fastify searches for the parser of an unregistered type on each request.
      ['application/json', '*'],
      { parseAs: 'buffer', bodyLimit: deps.maxBodyBytes },
      (_request, body, parsed) => parsed(null, body),
    )
    ingest.addHook('onResponse', (request, reply, next) => {
      deps.traces?.answered(request, reply)
      deps.onAnswered(reply.statusCode, reply.elapsedTime)
      next()
    })
    // Fastify refuses an empty content type. Treat it as absent.
    ingest.addHook('onRequest', ({ raw: { headers } }, _reply, next) => {
      const { 'content-type': type } = headers
      if (type !== undefined && mediaType(type) === '') headers['content-type'] = undefined
      next()
    })
    registerFirehoseAnswers(ingest, deps) // before the admission, whose refusals Firehose must understand too
    registerAdmission(ingest, deps)
    ingest.post(webhookPath, { schema: receiveEvents }, async (request, reply) => {
      await endOfTurn()
      const { status, body } = await receive(request, reply, deps)
      return reply.code(status).send(body)
    })
    ingest.options(webhookPath, { schema: allowSender }, async (request, reply) => {
      const { status, headers } = answerHandshake(request.headers)
      return reply.code(status).headers(headers).send()
    })
    ingest.route({
      method: ['GET', 'PUT', 'PATCH', 'DELETE'],
      url: webhookPath,
      handler: async (_request, reply) => {
        reply.header('allow', 'POST')
        throw new Problem('method_not_allowed')
      },
    })
    done()
  })
}

/**
 * Returns a promise that resolves when the event loop has read all input of the current turn. All callers of one turn share
 * it and continue one after the other. Running one step for several requests in a row costs less than running all steps
 * for one request at a time: the code stays in the CPU cache, and the answers go out together.
 */
export function createEndOfTurn(): () => Promise<void> {
  let end: Promise<void> | undefined
  return () => {
    // Immediates run after the reads of all sockets.
    end ??= new Promise((resolve) => {
      setImmediate(() => {
        end = undefined
        resolve()
      })
    })
    return end
  }
}

async function receive(request: FastifyRequest, reply: FastifyReply, deps: IngestDeps) {
  if (deps.draining()) throw new Problem('shutting_down')
  const rawBody = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const authenticated = authenticateRequest(request, reply, rawBody, deps)
  // Only a credential with a fetched key is a promise. Every other request goes on in the same turn.
  const credential = authenticated instanceof Promise ? await authenticated : authenticated
  const trace = deps.traces?.authenticated(request, reply)
  const { items, read } = readBody(rawBody, request.headers, deps.maxBatch)
  const validationCode = validationCodeIn(items)
  if (validationCode !== undefined) return { status: 200, body: { validationResponse: validationCode } }
  noteFirehose(request, items)
  const webhookId = deliveryId(credential, request.headers)
  deps.arrivals.handedOver(request.raw.socket)
  const delivery = { webhookId, read, maxEvents: deps.maxBatch, trace, requestId: request.id }
  const stored = await store(items, delivery, request, deps)
  const { accepted, duplicates, ignored, rejected } = stored
  stored.confirmations?.forEach(deps.confirmSubscription)
  if (accepted + duplicates + ignored === 0) {
    const errors = rejected.flatMap(({ index, problems }) =>
      problems.map((problem) => ({ index, ...problem })),
    )
    const detail = errors.length === 0 ? 'The body has no events: it is an empty array.' : undefined
    throw new Problem('no_acceptable_event', detail, { errors })
  }
  if (rejected.length > 0) {
    const fields = new Set(rejected.flatMap(({ problems }) => problems.map(({ path }) => path)))
    request.log.warn(
      { code: 'invalid_event', from: request.ip, rejected: rejected.length, fields: [...fields] },
      'events rejected',
    )
  }
  if (stored.deadLetters !== undefined)
    request.log.warn({ events: stored.deadLetters }, 'duplicates of dead letters, not delivered again')
  request.log.debug({ accepted, duplicates, ignored, events: stored.identities }, 'webhook accepted')
  const messages = rejected.map(({ index, problems }) => ({
    index,
    code: 'invalid_event',
    message: problems.map(formatProblem).join('; '),
  }))
  return { status: 202, body: { accepted, duplicates, ignored, rejected: messages } }
}

/** These signatures do not cover webhook-id: a replayed request could carry a new one each time. */
const schemesWithoutId: ReadonlySet<Scheme> = new Set(['hub_signature', 'hmac_header', 'sns'])

/**
 * The id of the delivery in `webhook-id`, or in `svix-id`. Undefined if the signature does not cover it, or it is blank or a
 * template.
 */
function deliveryId({ scheme, signedId }: Accepted, headers: Credentials['headers']): string | undefined {
  if (schemesWithoutId.has(scheme)) return undefined
  const id = signedId ?? headers['webhook-id'] ?? headers['svix-id']
  // All requests of a relay would share a blank id or an unfilled template.
  return isFilledText(id) ? id : undefined
}

type Stored = Extract<IntakeResult, { kind: 'stored' }>

/** Stores the events. What the request unpacks counts against the memory limit until then. */
async function store(
  items: readonly unknown[],
  delivery: Delivery,
  request: FastifyRequest,
  deps: IngestDeps,
): Promise<Stored> {
  const unpacking = deps.pressure.unpacking()
  try {
    const result = await deps.accept(items, { ...delivery, hold: unpacking.hold })
    if (unpacking.isRefused()) throw new Problem('overloaded', 'There is no memory to unpack the messages.')
    return storedOrThrow(result, request, deps)
  } finally {
    unpacking.release()
  }
}

function storedOrThrow(
  result: IntakeResult,
  request: FastifyRequest,
  { maxBatch, maxBodyBytes }: IngestDeps,
): Stored {
  switch (result.kind) {
    case 'stored':
      return result
    case 'too_many':
      throw new Problem(
        'batch_too_large',
        `${result.events}${result.orMore ? ' or more' : ''} events, at most ${maxBatch}.`,
      )
    case 'too_large':
      throw new Problem(
        'payload_too_large',
        `Its messages unpack to more than ${maxBodyBytes} bytes, or more than 10 have corrupt gzip.`,
      )
    case 'full':
      if (result.neverFits)
        throw new Problem('batch_too_large', 'More new events than INBOX_MAX_PENDING allows to be pending.')
      throw new Problem('inbox_full', `${result.pending} events are pending.`)
    case 'failed':
      // If the service asked the sender to repeat the request soon, a bug would make it do so for ever.
      if (!isStoreFailure(result.error))
        throw new Error('the events were not read or stored', { cause: result.error })
      request.log.error({ code: 'store_unavailable', err: result.error }, 'events not stored')
      throw new Problem('store_unavailable')
  }
}

/**
 * Answers OPTIONS: a sender of CloudEvents asks for permission to send (HTTP 1.1 Web Hooks for Event Delivery 1.0.2, 4).
 * The handshake needs no credentials, because the events themselves do. It allows any rate; overload is answered with 503.
 */
export function answerHandshake(headers: Credentials['headers']) {
  const allow = { allow: 'POST' }
  const origin = header({ headers }, 'webhook-request-origin')
  if (origin === undefined || !/^[\x21-\x7e]{1,253}$/.test(origin)) return { status: 204, headers: allow }
  const granted = { 'webhook-allowed-origin': origin, 'webhook-allowed-rate': '*' }
  return { status: 200, headers: { ...allow, ...granted } }
}
