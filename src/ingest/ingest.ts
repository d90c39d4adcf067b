import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { RuleSet } from '../enrich/evaluate.ts'
import { Problem } from '../errors.ts'
import type { AppendResult, Inbox, NewEvent } from '../inbox/inbox.ts'
import type { Totals } from '../operate/totals.ts'
import type { Authenticate } from './authenticate/authenticate.ts'
import { readBody } from './body.ts'
import { sort } from './sort.ts'

export interface IngestDeps {
  readonly inbox: Inbox
  /** The rules of this moment: they may be replaced while the service runs. */
  readonly rules: () => RuleSet
  readonly authenticate: Authenticate
  readonly maxBodyBytes: number
  readonly maxBatch: number
  readonly draining: () => boolean
  readonly totals: Totals
  readonly now: () => number
}

export const webhookPath = '/webhooks/genesys'

/** The door: POST /webhooks/genesys. The answer comes only when every accepted event is durable. */
export function registerIngest(server: FastifyInstance, deps: IngestDeps): void {
  server.register((ingest, _options, done) => {
    // Signatures are over the raw bytes, so the body is parsed by the route, after they were checked.
    ingest.removeAllContentTypeParsers()
    ingest.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: deps.maxBodyBytes },
      (_request, body, parsed) => parsed(null, body),
    )
    ingest.post(webhookPath, async (request, reply) => reply.code(202).send(await receive(request, deps)))
    ingest.route({
      method: ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
      url: webhookPath,
      handler: async (_request, reply) => {
        reply.header('allow', 'POST')
        throw new Problem('method_not_allowed')
      },
    })
    done()
  })
}

async function receive(request: FastifyRequest, deps: IngestDeps) {
  if (deps.draining()) throw new Problem('shutting_down')
  const rawBody = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const verdict = deps.authenticate({ headers: request.headers, rawBody }, deps.now())
  if (!verdict.accepted) {
    request.log.warn({ code: 'unauthorized', cause: verdict.cause, from: request.ip }, 'webhook refused')
    throw new Problem('unauthorized')
  }
  const items = readBody(rawBody, request.headers, deps.maxBatch)
  const webhookId = request.headers['webhook-id']
  const { events, ignored, ended, rejected } = sort(items, {
    rules: deps.rules(),
    webhookId: typeof webhookId === 'string' ? webhookId : undefined,
  })
  if (events.length > deps.maxBatch)
    throw new Problem('batch_too_large', `${events.length} events, at most ${deps.maxBatch}.`)
  const { accepted, duplicates } = tally(events, await append(events, ended, request, deps))
  Object.entries({ accepted, duplicates, ignored, rejected: rejected.length }).forEach(([name, count]) => {
    deps.totals[name as 'accepted'] += count
  })
  if (rejected.length > 0)
    request.log.warn({ code: 'invalid_event', rejected: rejected.length }, 'events rejected')
  if (accepted + duplicates + ignored === 0) {
    const errors = rejected.flatMap(({ index, problems }) =>
      problems.map((problem) => ({ index, ...problem })),
    )
    throw new Problem('no_acceptable_event', undefined, { errors })
  }
  request.log.debug(
    { accepted, duplicates, ignored, events: events.map(({ event }) => event.identity) },
    'webhook accepted',
  )
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

const nothingAppended: AppendResult = { kind: 'appended', results: [] }

async function append(
  events: readonly NewEvent[],
  ended: readonly string[],
  request: FastifyRequest,
  { inbox }: IngestDeps,
): Promise<AppendResult> {
  try {
    const appended = events.length > 0 ? inbox.append(events) : nothingAppended
    const noted = ended.length > 0 ? inbox.noteEnded(ended) : undefined
    return (await Promise.all([appended, noted]))[0]
  } catch (error) {
    request.log.error({ code: 'store_unavailable', err: error }, 'events could not be stored')
    throw new Problem('store_unavailable')
  }
}

function tally(events: readonly NewEvent[], result: AppendResult): { accepted: number; duplicates: number } {
  if (result.kind === 'full') throw new Problem('inbox_full', `${result.pending} events wait for delivery.`)
  const accepted = result.results.filter((state) => state === 'accepted').length
  return { accepted, duplicates: events.length - accepted }
}
