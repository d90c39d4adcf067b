import type { ErrorDescription } from './error-body.ts'

/**
 * Codes and messages by status. Public Genesys client libraries list the codes of 400–404, 415, 500, 503 and
 * 504; the other codes follow their pattern and are unverified, so clients should decide by status.
 */
const byStatus: Readonly<Record<number, Omit<ErrorDescription, 'status'>>> = {
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
export function knownError(status: number): ErrorDescription {
  return { status, ...(byStatus[status] ?? { code: `http.${status}`, message: `HTTP status ${status}` }) }
}

/** 401 for a request without a bearer token. */
export const authenticationRequired: ErrorDescription = {
  status: 401,
  code: 'authentication.required',
  message: 'No authentication bearer token specified in authorization header.',
}
