import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { oauthError } from './answers.ts'
import type { Gateway, Outcome } from './gateway.ts'
import { type ReceivedBody, receiveBodiesUnparsed } from './request-body.ts'
import type { Tokens } from './tokens.ts'

export interface LoginApiOptions {
  readonly clientId: string
  readonly clientSecret: string
  readonly gateway: Gateway
  readonly tokens: Tokens
  readonly tokenLifeMs: number
  readonly now: () => number
}

/**
 * `POST /oauth/token` of the login host: the client-credentials grant. Answers `{access_token, token_type:
 * "bearer", expires_in}` (whole seconds) or `{error, description}` with 400 or 401. Which of the two Genesys
 * answers for a wrong client is unverified; RFC 6749 says 401.
 */
export function loginApi(
  scope: FastifyInstance,
  { clientId, clientSecret, gateway, tokens, tokenLifeMs, now }: LoginApiOptions,
): void {
  function grant(request: FastifyRequest, form: URLSearchParams | undefined): Outcome {
    const headers = { 'Cache-Control': 'no-store' }
    const refuse = (status: number, body: ReturnType<typeof oauthError>) => ({
      answer: { status, headers, body },
      authorized: false,
    })
    if (form === undefined) return refuse(400, oauthError('invalid_request', 'not a form'))
    if (!isAuthenticated(request, form)) {
      return refuse(401, oauthError('invalid_client', 'authentication failed'))
    }
    const grantType = form.get('grant_type')
    if (grantType === null) return refuse(400, oauthError('invalid_request', 'grant_type is missing'))
    if (grantType !== 'client_credentials') {
      return refuse(400, oauthError('unsupported_grant_type', 'only client_credentials is simulated'))
    }
    const body = {
      access_token: tokens.issue(now()).value,
      token_type: 'bearer',
      expires_in: Math.max(1, Math.floor(tokenLifeMs / 1000)),
    }
    return { answer: { status: 200, headers, body }, authorized: true }
  }

  /** HTTP basic, else `client_id` and `client_secret` in the form. If a request has both, the header counts. */
  function isAuthenticated({ headers }: FastifyRequest, form: URLSearchParams | undefined): boolean {
    const [id, secret] =
      headers.authorization === undefined
        ? [form?.get('client_id'), form?.get('client_secret')]
        : readBasic(headers.authorization)
    return id === clientId && secret === clientSecret
  }

  function serve(request: FastifyRequest, reply: FastifyReply, form: URLSearchParams | undefined) {
    return gateway.serve(request, reply, {
      style: 'oauth',
      subject: {},
      latencyMs: 0,
      authorized: () => isAuthenticated(request, form),
      answer: () => grant(request, form),
    })
  }

  receiveBodiesUnparsed(scope, (request, reply) => serve(request, reply, undefined))
  scope.post<{ Body: ReceivedBody | undefined }>('/oauth/token', (request, reply) =>
    serve(request, reply, readForm(request.headers['content-type'], request.body)),
  )
}

function readForm(
  contentType: string | undefined,
  body: ReceivedBody | undefined,
): URLSearchParams | undefined {
  if (!contentType?.toLowerCase().startsWith('application/x-www-form-urlencoded')) return undefined
  return body?.kind === 'text' ? new URLSearchParams(body.text) : undefined
}

/** Client id and secret; empty if the header is not HTTP basic. */
function readBasic(authorization: string): readonly string[] {
  const encoded = /^basic +(\S+)$/i.exec(authorization)?.[1] ?? ''
  const pair = Buffer.from(encoded, 'base64').toString('utf8')
  return /^([^:]*):(.*)$/s.exec(pair)?.slice(1) ?? []
}
