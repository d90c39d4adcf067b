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
  /** The routes of one HTTP client. `timeoutMs`: how long the proxy may take to connect. */
  createRoutes(options: { readonly timeoutMs: number; readonly maxSockets: number }): ProxyRoutes
  /** An agent for one websocket: to a `wss:` target if `secure`, else to a `ws:` target. */
  createWebsocketAgent(options: { readonly timeoutMs: number; readonly secure: boolean }): Agent
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
  /** For axios. */
  readonly config: {
    readonly httpAgent?: Agent
    readonly httpsAgent?: HttpsAgent
    readonly proxy?: ForwardProxy
  }
  /** The failure of the proxy behind an answer with this status, or a connection that failed with this code; undefined: not the proxy's. */
  readonly answerError: (status: number) => ProxyError | undefined
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
