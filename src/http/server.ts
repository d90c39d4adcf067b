import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import { type ServerOptions as HttpsOptions, Server as HttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import { validatorCompiler } from 'fastify-type-provider-zod'
import { type AnswerCode, Problem } from '../errors.ts'
import type { Logger } from '../log/logger.ts'
import type { Random } from '../timing/backoff.ts'
import type { Tls } from './tls.ts'

export interface ServerOptions {
  readonly logger: Logger
  readonly maxBodyBytes: number
  /** Proxies whose word on the client's address is taken, by number or by address. Absent: nobody's. */
  readonly trustProxy?: number | readonly string[] | undefined
  /** Absent: plain HTTP. Released when the server closes. */
  readonly tls?: Tls | undefined
  readonly random: Random
  /** How long a request may take to arrive, body included, in ms. */
  readonly requestTimeoutMs?: number
}

/** How long a sender is asked to wait after a 503; spread, so that they do not all come back at once. */
const retryAfterSeconds = (random: Random): string => String(5 + Math.floor(random() * 11))

/** Fastify's own errors, by code, as entries of the catalogue. */
const problems: Readonly<Record<string, AnswerCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_request',
}

/** What a sender has to mend: told to the operator too, who may hear of it first. */
const refusals: ReadonlySet<AnswerCode> = new Set([
  'invalid_json',
  'payload_too_large',
  'batch_too_large',
  'unsupported_media_type',
  'no_acceptable_event',
])

/** The names of the fields in question; what the sender put there stays out of the log. */
function fieldsOf({ extra }: Problem): { fields?: readonly unknown[] } {
  return Array.isArray(extra.errors) ? { fields: [...new Set(extra.errors.map(({ path }) => path))] } : {}
}

/** An HTTP server without routes, whose every error is a problem document (RFC 9457). */
export function createServer({
  logger,
  maxBodyBytes,
  trustProxy,
  tls,
  random,
  requestTimeoutMs = 30_000,
}: ServerOptions): FastifyInstance {
  function answer(error: FastifyError | Problem, request: FastifyRequest, reply: FastifyReply): void {
    const problem = toProblem(error)
    if (problem.code === 'internal_error')
      request.log.error({ code: problem.code, err: error }, 'request failed')
    else if (refusals.has(problem.code))
      request.log.warn({ code: problem.code, from: request.ip, ...fieldsOf(problem) }, 'request refused')
    if (problem.status === 503) reply.header('retry-after', retryAfterSeconds(random))
    if (problem.status === 401) reply.header('www-authenticate', 'Bearer')
    reply
      .code(problem.status)
      .type('application/problem+json')
      .send(JSON.stringify({ ...problem.body(), requestId: request.id }))
  }
  // Node.js looks for late requests only every half a minute, unless told. And it goes by the longer of the two times,
  // of which Fastify sets one when the server is made already, with the other at a minute.
  const timing = {
    connectionsCheckingInterval: Math.ceil(requestTimeoutMs / 10),
    headersTimeout: requestTimeoutMs,
    requestTimeout: requestTimeoutMs,
  }
  const server: FastifyInstance = Fastify({
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    bodyLimit: maxBodyBytes,
    trustProxy: trusted(trustProxy),
    ...(tls === undefined ? { http: timing } : { https: { ...httpsOptions(tls), ...timing } }),
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: 'idle',
    return503OnClosing: false, // the routes answer while draining, with the problem and Retry-After
    routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true },
    frameworkErrors: answer,
    clientErrorHandler: refuseConnection,
  })
  // Before the body is read: it may be wrong in ways that do not matter where there is no route.
  server.addHook('onRequest', (request, _reply, next) => {
    next(request.is404 ? new Problem('route_not_found') : undefined)
  })
  server.setErrorHandler<FastifyError | Problem>(answer)
  // Routes carry zod schemas: those of requests validate, those of answers only describe.
  server.setValidatorCompiler(validatorCompiler)
  server.setSerializerCompiler(() => JSON.stringify)
  server.setSchemaErrorFormatter(([issue]) => {
    const { instancePath = '', message } = issue ?? {}
    const field = instancePath.slice(1).replaceAll('/', '.')
    return new Problem('invalid_request', `${field && `${field}: `}${message}.`)
  })
  if (tls !== undefined) keepCertificates(server, tls, logger)
  return server
}

/** A number is left to Fastify as a function: since it cannot know who asks directly, Fastify takes a number for none. */
function trusted(proxies: ServerOptions['trustProxy']) {
  if (typeof proxies === 'number') return (_address: string, hop: number) => hop < proxies
  return proxies === undefined ? false : [...proxies]
}

/** Who stalls the handshake is cut like who stalls a request. */
const httpsOptions = ({ material, clientCertificates }: Tls): HttpsOptions => ({
  ...material,
  requestCert: clientCertificates,
  rejectUnauthorized: clientCertificates,
  handshakeTimeout: 10_000,
})

function keepCertificates(server: FastifyInstance, tls: Tls, logger: Logger): void {
  const listener: unknown = server.server
  if (!(listener instanceof HttpsServer)) return
  listener.on('tlsClientError', ({ code }: NodeJS.ErrnoException, { remoteAddress: from }) =>
    logger.debug({ cause: code, from }, 'TLS handshake failed'),
  )
  server.addHook('onListen', async () => tls.start(listener))
  server.addHook('onClose', async () => tls.stop())
}

/** What is no HTTP, or stopped in its middle, has no request to answer: the socket gets the answer and is closed. After a TLS handshake that failed it is closed already. */
function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const problem =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? new Problem('request_timeout')
      : new Problem('invalid_request', `This is no HTTP request that can be read (${error.code}).`)
  const body = JSON.stringify(problem.body())
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\nConnection: close\r\n` +
      `Content-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

function toProblem(error: FastifyError | Problem): Problem {
  if (error instanceof Problem) return error
  const code = problems[error.code]
  if (code !== undefined) return new Problem(code)
  return new Problem(
    error.statusCode !== undefined && error.statusCode < 500 ? 'invalid_request' : 'internal_error',
  )
}

const lastRequestsMs = 3_000

/** Requests under way get their response; a connection whose request does not end is cut. */
export async function closeServer(server: FastifyInstance): Promise<void> {
  const cut = setTimeout(() => server.server.closeAllConnections(), lastRequestsMs)
  await server.close()
  clearTimeout(cut)
}

/** The URL of a listening server, on this machine if it listens on every address. */
export function urlOf({ server }: FastifyInstance, host: string): string {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : ''
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  const scheme = server instanceof HttpsServer ? 'https' : 'http'
  return `${scheme}://${name.includes(':') ? `[${name}]` : name}:${port}`
}
