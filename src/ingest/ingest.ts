import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../errors.ts'
import { type AdmissionDeps, registerAdmission, verdictOn } from './admission.ts'
import type { Scheme } from './authenticate/secrets.ts'
import { readBody } from './body.ts'
import { mediaType } from './cloudevents-http.ts'
import { createEndOfTurn } from './end-of-turn.ts'
import type { Failures } from './failures.ts'
import { answerHandshake } from './handshake.ts'
import { createIntake, type Intake, type IntakeDeps, type IntakeResult } from './intake.ts'
import { allowSender, receiveEvents } from './webhook-schemas.ts'

export interface IngestDeps extends IntakeDeps, AdmissionDeps {
  /** Counts what is refused, by sender. Absent: each refusal is answered and logged by itself. */
  readonly failures?: Failures
  /** Whether an address may use the path at all. Absent: every one may. */
  readonly allowed?: (address: string) => boolean
  /** Told of each request that was let in. */
  readonly onAuthenticated?: (scheme: Scheme, position: number) => void
  readonly maxBodyBytes: number
  readonly maxBatch: number
  /** Told of each request to the path that was answered, whatever the answer; `durationMs` from its arrival. */
  readonly onAnswered?: (status: number, durationMs: number) => void
}

export const webhookPath = '/webhooks/genesys'

/** The door: POST /webhooks/genesys. The answer comes only when every accepted event is durable. */
export function registerIngest(server: FastifyInstance, deps: IngestDeps): void {
  const accept = createIntake(deps)
  const endOfTurn = createEndOfTurn()
  server.register((ingest, _options, done) => {
    // Signatures are over the raw bytes, so the body is parsed by the route, after they were checked.
    ingest.removeAllContentTypeParsers()
    ingest.setValidatorCompiler(() => () => true) // the schemas only describe: the envelopes read more
    ingest.addContentTypeParser(
      // Fastify looks for the parser of a type it was not told of anew for each request.
      ['application/json', '*'],
      { parseAs: 'buffer', bodyLimit: deps.maxBodyBytes },
      (_request, body, parsed) => parsed(null, body),
    )
    ingest.addHook('onResponse', (_request, reply, next) => {
      deps.onAnswered?.(reply.statusCode, reply.elapsedTime)
      next()
    })
    // Fastify refuses an empty content type; here it means the same as none.
    ingest.addHook('onRequest', ({ raw: { headers } }, _reply, next) => {
      const { 'content-type': type } = headers
      if (type !== undefined && mediaType(type) === '') headers['content-type'] = undefined
      next()
    })
    // Before the body is read.
    ingest.addHook('onRequest', (request, _reply, next) => {
      if (deps.allowed?.(request.ip) !== false) return next()
      if (deps.failures?.failed(request.ip).log !== false)
        request.log.warn({ code: 'address_not_allowed', from: request.ip }, 'webhook refused')
      next(new Problem('address_not_allowed'))
    })
    registerAdmission(ingest, deps, (cause, request, reply) => refusal(cause, request, reply, deps))
    ingest.post(webhookPath, { schema: receiveEvents }, async (request, reply) => {
      await endOfTurn()
      return reply.code(202).send(await receive(request, reply, deps, accept))
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

async function receive(request: FastifyRequest, reply: FastifyReply, deps: IngestDeps, accept: Intake) {
  if (deps.draining()) throw new Problem('shutting_down')
  const rawBody = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const verdict = verdictOn(request, rawBody, deps)
  if (!verdict.accepted) throw refusal(verdict.cause, request, reply, deps)
  deps.onAuthenticated?.(verdict.scheme, verdict.position)
  const { items, read } = readBody(rawBody, request.headers, deps.maxBatch)
  const webhookId = request.headers['webhook-id']
  const taken = takenOrThrow(
    await accept(items, {
      // X-Hub-Signature-256 does not cover it: who recorded a request could send it as ever new ones.
      webhookId: typeof webhookId === 'string' && verdict.scheme !== 'hub_signature' ? webhookId : undefined,
      read,
      maxEvents: deps.maxBatch,
    }),
    request,
    deps,
  )
  const { accepted, duplicates, ignored, rejected } = taken
  if (rejected.length > 0)
    request.log.warn({ code: 'invalid_event', rejected: rejected.length }, 'events rejected')
  if (accepted + duplicates + ignored === 0) {
    const errors = rejected.flatMap(({ index, problems }) =>
      problems.map((problem) => ({ index, ...problem })),
    )
    throw new Problem('no_acceptable_event', undefined, { errors })
  }
  request.log.debug({ accepted, duplicates, ignored, events: taken.identities }, 'webhook accepted')
  return {
    accepted,
    duplicates,
    ignored,
    rejected: rejected.map(({ index, problems }) => ({
      index,
      code: 'invalid_event',
      message: problems.map(({ path, message }) => `${path} ${message}`.trim()).join('; '),
    })),
  }
}

/** Only for bad credentials: a good one is taken however many bad ones came from its address, which may be shared. */
function refusal(
  cause: string,
  request: FastifyRequest,
  reply: FastifyReply,
  { failures }: IngestDeps,
): Problem {
  const failure = failures?.failed(request.ip)
  const code = failure?.kind === 'too_many' ? 'too_many_failures' : 'unauthorized'
  if (failure?.log !== false) request.log.warn({ code, cause, from: request.ip }, 'webhook refused')
  if (failure?.kind === 'too_many') reply.header('retry-after', String(failure.retryAfterSeconds))
  return new Problem(code)
}

function takenOrThrow(
  result: IntakeResult,
  request: FastifyRequest,
  { maxBatch }: IngestDeps,
): Extract<IntakeResult, { kind: 'taken' }> {
  switch (result.kind) {
    case 'taken':
      return result
    case 'too_many':
      throw new Problem('batch_too_large', `${result.events} events, at most ${maxBatch}.`)
    case 'full':
      throw new Problem('inbox_full', `${result.pending} events wait for delivery.`)
    case 'failed':
      request.log.error({ code: 'store_unavailable', err: result.error }, 'events could not be stored')
      throw new Problem('store_unavailable')
  }
}
