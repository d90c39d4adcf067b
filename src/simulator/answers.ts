import type { FastifyReply } from 'fastify'

/** An HTTP response before it is sent. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** Undefined: an empty body. A string is sent unchanged, other values as JSON. */
  readonly body?: unknown
}

export function sendAnswer(reply: FastifyReply, { status, headers = {}, body }: Answer): FastifyReply {
  reply.code(status).headers(headers)
  if (body === undefined || typeof body === 'string') return reply.send(body)
  // Fastify would send null as an empty body and throw on numbers and booleans.
  if (!reply.hasHeader('content-type')) reply.type('application/json; charset=utf-8')
  return reply.send(JSON.stringify(body))
}

export interface ErrorDescription {
  readonly status: number
  readonly code: string
  readonly message: string
}

/**
 * The answer with Genesys's ErrorBody (official SDK model): the fields every error carries, in the order of the official
 * samples. `contextId` has the value of the `ININ-Correlation-Id` header.
 */
export const errorAnswer = ({ status, code, message }: ErrorDescription, contextId: string): Answer => ({
  status,
  body: { message, code, status, contextId, details: [], errors: [] },
})

/**
 * Codes and messages by status. Public Genesys client libraries list the codes of 400–404, 415, 500, 503 and
 * 504; the other codes follow their pattern and are unverified, so clients should decide by status.
 */
const errorsByStatus: Readonly<Record<number, Omit<ErrorDescription, 'status'>>> = {
  400: {
    code: 'bad.request',
    message: 'The request could not be understood by the server due to malformed syntax.',
  },
  401: { code: 'bad.credentials', message: 'Invalid login credentials.' },
  403: { code: 'not.authorized', message: 'You are not authorized to perform the requested action.' },
  404: { code: 'not.found', message: 'The requested resource was not found.' },
  408: { code: 'request.timeout', message: 'The client did not produce a request in time.' },
  409: { code: 'conflict', message: 'The request conflicts with the current state of the resource.' },
  413: { code: 'request.entity.too.large', message: 'The request is over the size limit of 512000 bytes.' },
  415: { code: 'unsupported.media.type', message: 'Unsupported Media Type - send application/json.' },
  422: { code: 'unprocessable.entity', message: 'The request is well formed but cannot be processed.' },
  500: { code: 'internal.server.error', message: 'The server encountered an unexpected condition.' },
  502: { code: 'bad.gateway', message: 'The server received an invalid response from an upstream server.' },
  503: { code: 'service.unavailable', message: 'Service Unavailable - the server is currently unavailable.' },
  504: { code: 'request.timeout', message: 'The request timed out.' },
}

/** The usual error of a status; an unlisted status gets a code built from its number. */
export const knownError = (status: number): ErrorDescription => ({
  status,
  ...(errorsByStatus[status] ?? { code: `http.${status}`, message: `HTTP status ${status}` }),
})

/** 401 for a request without a bearer token. */
export const authenticationRequired: ErrorDescription = {
  status: 401,
  code: 'authentication.required',
  message: 'No authentication bearer token specified in authorization header.',
}

/** Code and message from the Genesys developer forum's announcement of normalized 429 responses. */
export const rateLimitExceeded = (retryAfterSeconds: number): ErrorDescription => ({
  status: 429,
  code: 'too.many.requests.retry.after',
  message: `Rate limit exceeded the maximum. Retry the request in [${retryAfterSeconds}] seconds`,
})

/** Body of a refused token request, as seen in bug reports about the real login service. */
export const oauthError = (error: string, description: string) => ({
  error,
  description,
  error_description: description,
})

/** The usual body of a refused token request with this status. */
export function knownOAuthError(status: number) {
  if (status === 400) return oauthError('invalid_request', 'the request is malformed')
  if (status === 401) return oauthError('invalid_client', 'authentication failed')
  if (status === 429) return oauthError('too_many_requests', 'too many token requests')
  if (status < 500) return oauthError('unauthorized_client', 'the request is refused')
  return oauthError('server_error', 'the login service is unavailable')
}
