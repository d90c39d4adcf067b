import type { Agent } from 'node:http'
import type { Agent as HttpsAgent } from 'node:https'
import type { Socket } from 'node:net'
import type { ProxyError } from './proxy-error.ts'

export interface ProxySettings {
  /** `http:` or `https:`. User and password are percent-encoded. */
  readonly url: string
  /** The entries of NO_PROXY. */
  readonly noProxy: readonly string[]
}

/** The outgoing proxy of all calls to hosts that NO_PROXY does not exempt. */
export interface OutgoingProxy {
  /** `proxy.example.com:3128`: for messages, without credentials. */
  readonly name: string
  /** Whether a request or websocket to this URL uses the proxy. */
  covers(url: string): boolean
  /** The routes of one HTTP client. `timeoutMs`: how long the opening of a tunnel may take. */
  createRoutes(options: { readonly timeoutMs: number }): ProxyRoutes
  /** An agent for `https:` and `wss:` targets. `destroy` also fails the tunnels that are being opened. */
  createTunnelAgent(timeoutMs: number): HttpsAgent
  /** The same for `ws:` targets. */
  createPlainTunnelAgent(timeoutMs: number): Agent
  /** Rejects with `ProxyError`. */
  openTunnel(target: TunnelTarget, timeoutMs: number): Promise<Socket>
}

export interface ProxyRoutes {
  /** Undefined: NO_PROXY exempts the URL. */
  of(url: string): ProxyRoute | undefined
  /** Closes all connections, also those that are being opened. */
  close(): void
}

/** How a request reaches the proxy. */
export interface ProxyRoute {
  /** Options of an axios request. */
  readonly config: {
    readonly httpAgent?: Agent
    readonly httpsAgent?: HttpsAgent
    readonly proxy?: ForwardProxy
  }
  /** The failure of the proxy that an answer with this status means; undefined: the target answered. */
  readonly answerError: (status: number) => ProxyError | undefined
  /** The failure of the proxy that a connection error with this code means; undefined: the connection to the target failed. */
  readonly connectionError: (code: string) => ProxyError | undefined
}

/** The form of axios. */
export interface ForwardProxy {
  readonly protocol: string
  readonly host: string
  readonly port: number
  readonly auth?: { readonly username: string; readonly password: string }
}

export interface TunnelTarget {
  /** A name, which the proxy resolves, or an address without brackets. */
  readonly host: string
  readonly port: number
}
