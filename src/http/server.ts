import { randomUUID } from 'node:crypto'
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
import type { z } from 'zod'
import { type AnswerCode, Problem } from '../errors.ts'
import type { Logger } from '../log/logger.ts'
import type { Random } from '../timing/backoff.ts'
import { withSafeLengths } from '../values/safe-parse.ts'
import { localUrl } from './local-url.ts'
import { STATUS_CODES } from './node-http.ts'
import type { Tls } from './tls.ts'

export interface ServerOptions {
  readonly logger: Logger
  readonly maxBodyBytes: number
  /** Trusted proxies, by number or by address. Absent: X-Forwarded-For is ignored. */
  readonly trustProxy?: number | readonly string[] | undefined
  /** Absent: plain HTTP. Released when the server closes. */
  readonly tls?: Tls | undefined
  readonly random: Random
  /** The most time a request may take to arrive, body included. */
  readonly requestTimeoutMs?: number
}

/** Retry-After of a 503: random, so that senders do not all retry at once. */
const retryAfterSeconds = (random: Random): string => String(5 + Math.floor(random() * 11))

/** The codes of the catalogue for Fastify's own errors. */
const problems: Readonly<Record<string, AnswerCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_request',
}

/** Codes that the sender has to fix. The service logs them, because the operator may notice them first. */
const loggedRefusals: ReadonlySet<AnswerCode> = new Set([
  'invalid_json',
  'payload_too_large',
  'batch_too_large',
  'unsupported_media_type',
  'no_acceptable_event',
])

/** The paths of the invalid fields, for the log, without their values. */
function fieldsOf({ extra }: Problem): { fields?: readonly unknown[] } {
  return Array.isArray(extra.errors) ? { fields: [...new Set(extra.errors.map(({ path }) => path))] } : {}
}

/** Creates an HTTP server without routes. It answers every error with a problem document (RFC 9457). */
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
    else if (loggedRefusals.has(problem.code))
      request.log.warn({ code: problem.code, from: request.ip, ...fieldsOf(problem) }, 'request refused')
    if (problem.status === 503) reply.header('retry-after', retryAfterSeconds(random))
    if (problem.status === 401 && !reply.hasHeader('www-authenticate'))
      reply.header('www-authenticate', 'Bearer')
    reply
      .code(problem.status)
      .type('application/problem+json')
      .send(JSON.stringify({ ...problem.body(), requestId: request.id }))
  }
  // By default, Node.js checks for late requests only every 30 s. It uses the longer of the two timeouts, and Fastify sets
  // requestTimeout only after the server is created, so headersTimeout would stay at its default of 60 s.
  const timing = {
    connectionsCheckingInterval: Math.ceil(requestTimeoutMs / 10),
    headersTimeout: requestTimeoutMs,
    requestTimeout: requestTimeoutMs,
  }
  const server: FastifyInstance = Fastify({
    loggerInstance: logger.child({}) as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    bodyLimit: maxBodyBytes,
    trustProxy: trusted(trustProxy),
    ...(tls === undefined ? { http: timing } : { https: { ...httpsOptions(tls), ...timing } }),
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: 'idle',
    return503OnClosing: false, // while draining, the routes answer with a problem and Retry-After
    // The ids of events are parameters of admin routes.
    routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true, maxParamLength: 2_048 },
    schemaController: { compilersFactory: { buildValidator: notUsed, buildSerializer: notUsed } },
    frameworkErrors: answer,
    clientErrorHandler: refuseConnection,
  })
  // Before the body is read, so that an invalid body does not hide the wrong path.
  server.addHook('onRequest', (request, _reply, next) => {
    next(request.is404 ? new Problem('route_not_found') : undefined)
  })
  server.setErrorHandler<FastifyError | Problem>(answer)
  // Routes have zod schemas: request schemas validate, response schemas are documentation only.
  server.setValidatorCompiler<z.ZodType>((route) => {
    const validate = validatorCompiler(route)
    return (value) => withSafeLengths(validate, value)
  })
  server.setSerializerCompiler(() => JSON.stringify)
  server.setSchemaErrorFormatter(([issue]) => {
    const { instancePath = '', message } = issue ?? {}
    const field = instancePath.slice(1).replaceAll('/', '.')
    return new Problem('invalid_request', `${field && `${field}: `}${message}.`)
  })
  if (tls !== undefined) keepCertificates(server, tls, logger)
  return server
}

/** In place of Fastify's own compilers, which would be a fifth of the modules that a start loads. The server sets others. */
const notUsed = () => (): never => {
  throw new Error('the server sets its compilers')
}

/**
 * Converts a number of hops to a function. For a number, Fastify trusts no proxy, because it cannot validate the direct client.
 */
function trusted(proxies: ServerOptions['trustProxy']) {
  if (typeof proxies === 'number') return (_address: string, hop: number) => hop < proxies
  return proxies === undefined ? false : [...proxies]
}

/** A stalled handshake is closed, like a stalled request. */
const httpsOptions = ({ material }: Tls): HttpsOptions => ({
  ...material,
  requestCert: material.ca !== undefined,
  rejectUnauthorized: material.ca !== undefined,
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

/**
 * Answers on the socket and closes it: invalid HTTP and incomplete requests never reach a route. After a failed TLS handshake,
 * the socket is already closed.
 */
function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const problem =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? new Problem('request_timeout')
      : new Problem('invalid_request', `The HTTP request cannot be parsed (${error.code}).`)
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

const closeTimeoutMs = 3_000

/** Closes the server. Requests in progress get their response; after the timeout, it closes the remaining connections. */
export async function closeServer(server: FastifyInstance): Promise<void> {
  const cut = setTimeout(() => server.server.closeAllConnections(), closeTimeoutMs)
  await server.close()
  clearTimeout(cut)
}

/** Opens the port, silently: Fastify would log every address, and `listening` has the URL. */
export async function openServer(
  server: FastifyInstance,
  address: { readonly host: string; readonly port: number },
): Promise<void> {
  const { level } = server.log
  server.log.level = 'silent'
  try {
    await server.listen(address)
  } finally {
    server.log.level = level
  }
}

/** The URL of a listening server; with `localhost` if it listens on every address. */
export function urlOf({ server }: FastifyInstance, host: string): string {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return localUrl({ host, port, isSecure: server instanceof HttpsServer })
}
