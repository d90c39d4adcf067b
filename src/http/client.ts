import { Agent as HttpsAgent } from 'node:https'
import { createRequire } from 'node:module'
import type { LookupFunction } from 'node:net'
import type { AxiosInstance, AxiosStatic } from 'axios'
import { version } from '../config/version.ts'
import { createCheckedTransport } from './checked-transport.ts'
import { Agent as HttpAgent } from './node-http.ts'
import type { OutgoingProxy } from './outgoing-proxy.ts'
import { ProxyError } from './proxy-error.ts'
import { createSlots } from './slots.ts'

/** The first request loads it: a tenth of the start, since it also loads Node's own fetch. */
const loadAxios = (): AxiosStatic => createRequire(import.meta.url)('axios')

export interface HttpRequest {
  readonly method: 'GET' | 'PATCH' | 'POST' | 'PUT'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Asked again when a new connection is there; false: the request is not sent. */
  readonly maySend?: () => boolean
}

export interface HttpAnswer {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

export type HttpResult =
  | { readonly kind: 'answered'; readonly answer: HttpAnswer }
  /**
   * No response: refused, reset, timed out or aborted. `detail` has a code or names the proxy and a remedy, never headers or
   * bodies. `atProxy`: the proxy failed, so the target was not reached.
   */
  | { readonly kind: 'failed'; readonly detail: string; readonly atProxy?: true }

/** Sends one request. Never rejects and follows no redirect. */
export type Http = (request: HttpRequest) => Promise<HttpResult>

export interface HttpOptions {
  readonly timeoutMs: number
  /** The most connections to one host. */
  readonly maxSockets: number
  /** Larger responses fail. Default 1 MiB. */
  readonly maxAnswerBytes?: number
  /** Resolves host names and may reject addresses. Default: the system's resolver. Not used for requests through the proxy. */
  readonly lookup?: LookupFunction
  /** Undefined: direct connections. */
  readonly proxy?: OutgoingProxy | undefined
  /** Also accepts a certificate for another host or of an unknown authority. Only for requests without secrets. */
  readonly acceptAnyCertificate?: boolean
}

/** `close` and `abort` end the requests in progress. After `abort`, the client can be used further. */
export interface HttpClient {
  readonly http: Http
  abort(): void
  close(): void
}

/** The only user of axios. Keeps a bounded number of connections alive; a timeout closes the connection. */
export function createHttp({
  timeoutMs,
  maxSockets,
  maxAnswerBytes = 1_048_576,
  lookup,
  proxy,
  acceptAnyCertificate = false,
}: HttpOptions): HttpClient {
  const agentOptions = { keepAlive: true, maxSockets, ...(lookup && { lookup }) }
  const httpAgent = new HttpAgent(agentOptions)
  const httpsAgent = new HttpsAgent({
    ...agentOptions,
    ...(acceptAnyCertificate && { rejectUnauthorized: false }),
  })
  const proxied = proxy?.createRoutes({ timeoutMs })
  /** Limits the connections through the proxy, in the place of `maxSockets` of the agents. */
  const slots = createSlots(maxSockets)
  let aborting = new AbortController()
  const createClient = () =>
    loadAxios().create({
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
  let client: AxiosInstance | undefined
  return {
    http: async ({ method, url, headers, body, maySend }) => {
      const timeout = AbortSignal.timeout(timeoutMs)
      const signal = AbortSignal.any([timeout, aborting.signal])
      const route = proxied?.of(url)
      const freeSlot = route && (await slots.take(new URL(url).host, signal))
      try {
        client ??= createClient()
        const answer = await client.request<string>({
          ...route?.config,
          ...(maySend && { transport: createCheckedTransport(maySend) }),
          method,
          url,
          headers: { ...headers },
          data: body,
          signal,
        })
        const refusal = route?.answerError(answer.status)
        if (refusal) return failedAtProxy(refusal)
        return {
          kind: 'answered',
          answer: { status: answer.status, headers: { ...answer.headers }, body: String(answer.data ?? '') },
        }
      } catch (error) {
        const via = route === undefined ? '' : ` through the proxy ${proxy?.name}`
        if (timeout.aborted) return { kind: 'failed', detail: `no answer within ${timeoutMs} ms${via}` }
        if (!loadAxios().isAxiosError(error)) return { kind: 'failed', detail: 'network error' }
        if (error.cause instanceof ProxyError) return failedAtProxy(error.cause)
        const { code = 'network error' } = error
        const failure = axiosCodes.test(code) ? undefined : route?.connectionError(code)
        return failure ? failedAtProxy(failure) : { kind: 'failed', detail: code }
      } finally {
        freeSlot?.()
      }
    },
    abort: () => {
      aborting.abort()
      aborting = new AbortController()
    },
    close: () => {
      aborting.abort()
      httpAgent.destroy()
      httpsAgent.destroy()
      proxied?.close()
    },
  }
}

/** Codes of axios, such as an aborted request or a response that is too large; others come from the connection. */
const axiosCodes = /^ERR_(CANCELED|BAD_|FR_|INVALID_URL)/

const failedAtProxy = ({ message }: ProxyError): HttpResult => ({
  kind: 'failed',
  detail: message,
  atProxy: true,
})
