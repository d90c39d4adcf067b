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
  /** No answer: refused, reset, timed out or aborted. `detail` holds a code, never headers or bodies. */
  | { readonly kind: 'failed'; readonly detail: string }

/** One request, answered or failed; never rejects, follows no redirect. */
export type Http = (request: HttpRequest) => Promise<HttpResult>

export interface HttpOptions {
  readonly timeoutMs: number
  readonly maxSockets: number
  /** A larger answer is no answer: 1 MiB unless given. */
  readonly maxAnswerBytes?: number
  /** Finds the addresses of names, and may refuse them: the system's own unless given. */
  readonly lookup?: LookupFunction
}

/** The only user of axios. Connections are kept alive and bounded; a call that takes too long loses its socket. */
export function createHttp({ timeoutMs, maxSockets, maxAnswerBytes = 1_048_576, lookup }: HttpOptions): {
  http: Http
  close(): void
} {
  const agentOptions = { keepAlive: true, maxSockets, ...(lookup && { lookup }) }
  const httpAgent = new HttpAgent(agentOptions)
  const httpsAgent = new HttpsAgent(agentOptions)
  const closing = new AbortController()
  const client = axios.create({
    httpAgent,
    httpsAgent,
    // axios would read HTTP_PROXY and the like by itself; the environment is config.ts's alone.
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
        const {
          status,
          headers: answered,
          data,
        } = await client.request<string>({
          method,
          url,
          headers: { ...headers },
          data: body,
          signal: AbortSignal.any([timeout, closing.signal]),
        })
        return { kind: 'answered', answer: { status, headers: { ...answered }, body: String(data ?? '') } }
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
