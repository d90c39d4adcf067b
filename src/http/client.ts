import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { LookupFunction } from 'node:net'
import axios, { isAxiosError } from 'axios'
import { version } from '../config/version.ts'

export interface HttpRequest {
  readonly method: 'GET' | 'PATCH' | 'POST' | 'PUT'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface HttpAnswer {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

export type HttpResult =
  | { readonly kind: 'answered'; readonly answer: HttpAnswer }
  /** No response: refused, reset, timed out or aborted. `detail` has a code, never headers or bodies. */
  | { readonly kind: 'failed'; readonly detail: string }

/** Sends one request. Never rejects and follows no redirect. */
export type Http = (request: HttpRequest) => Promise<HttpResult>

export interface HttpOptions {
  readonly timeoutMs: number
  readonly maxSockets: number
  /** Larger responses fail. Default 1 MiB. */
  readonly maxAnswerBytes?: number
  /** Resolves host names and may reject addresses. Default: the system's resolver. */
  readonly lookup?: LookupFunction
  /** Also accepts a certificate for another host or of an unknown authority. Only for requests without secrets. */
  readonly acceptAnyCertificate?: boolean
}

/** `close` aborts the requests in progress. */
export interface HttpClient {
  readonly http: Http
  close(): void
}

/** The only user of axios. Keeps a bounded number of connections alive; a timeout closes the connection. */
export function createHttp({
  timeoutMs,
  maxSockets,
  maxAnswerBytes = 1_048_576,
  lookup,
  acceptAnyCertificate = false,
}: HttpOptions): HttpClient {
  const agentOptions = { keepAlive: true, maxSockets, ...(lookup && { lookup }) }
  const httpAgent = new HttpAgent(agentOptions)
  const httpsAgent = new HttpsAgent({
    ...agentOptions,
    ...(acceptAnyCertificate && { rejectUnauthorized: false }),
  })
  const closing = new AbortController()
  const client = axios.create({
    httpAgent,
    httpsAgent,
    // Otherwise axios reads HTTP_PROXY; only config.ts reads the environment.
    proxy: false,
    maxRedirects: 0,
    maxContentLength: maxAnswerBytes,
    responseType: 'text',
    transformRequest: (data: unknown) => data,
    transformResponse: (data: unknown) => data,
    validateStatus: () => true,
    headers: { 'user-agent': `genesys-enricher/${version}`, accept: 'application/json' },
  })
  return {
    http: async ({ method, url, headers, body }) => {
      const timeout = AbortSignal.timeout(timeoutMs)
      try {
        const answer = await client.request<string>({
          method,
          url,
          headers: { ...headers },
          data: body,
          signal: AbortSignal.any([timeout, closing.signal]),
        })
        return {
          kind: 'answered',
          answer: { status: answer.status, headers: { ...answer.headers }, body: String(answer.data ?? '') },
        }
      } catch (error) {
        if (timeout.aborted) return { kind: 'failed', detail: `no answer within ${timeoutMs} ms` }
        return {
          kind: 'failed',
          detail: isAxiosError(error) ? (error.code ?? 'network error') : 'network error',
        }
      }
    },
    close: () => {
      closing.abort()
      httpAgent.destroy()
      httpsAgent.destroy()
    },
  }
}
