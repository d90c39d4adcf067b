import type { ClientRequest, Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { isIP, isIPv6, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { systemCodeOf } from '../errors.ts'
import { request as requestHttp } from './node-http.ts'
import type { ForwardProxy, TunnelTarget } from './outgoing-proxy.ts'
import { ProxyError } from './proxy-error.ts'

/** Makes the errors for failures of the proxy. */
export interface ProxyFailures {
  readonly name: string
  /** `code`: of the system, Node.js or OpenSSL. */
  unreachable(code: string): ProxyError
  /** The proxy answers 407. */
  refused(): ProxyError
}

export interface TunnelsDeps {
  readonly proxy: ForwardProxy
  readonly timeoutMs: number
  readonly failures: ProxyFailures
}

export interface Tunnels {
  /** Rejects with `ProxyError`. */
  open(target: TunnelTarget): Promise<Socket>
  /** Fails the tunnels that are being opened. */
  close(): void
}

/**
 * The name for which the certificate of the proxy must be valid. Node.js would take it from the header `Host`, which names the target;
 * empty: it checks the address that it connects to.
 */
export const proxyServername = ({ host }: Pick<ForwardProxy, 'host'>): string =>
  isIP(host) === 0 ? host : ''

/**
 * Opens tunnels with CONNECT (RFC 9110, 9.3.6), by the HTTP client of Node.js. Not by the package https-proxy-agent (9.1):
 * it has no timeout for CONNECT, returns the proxy's 407 or 502 as if the target had answered, and checks the certificate of a
 * target that is an address against the name of the proxy.
 */
export function createTunnels({ proxy, timeoutMs, failures }: TunnelsDeps): Tunnels {
  const { name, unreachable, refused } = failures
  const pending = new Set<ClientRequest>()
  const isSecure = proxy.protocol === 'https:'

  function statusError(status: number, target: string): ProxyError {
    if (status === 407) return refused()
    return status === 403
      ? new ProxyError(
          `the proxy ${name} forbids connections to ${target} (403)`,
          'allow this host and port in the proxy',
        )
      : new ProxyError(
          `the proxy ${name} cannot connect to ${target} (${status})`,
          'check that the proxy can resolve and reach this host',
        )
  }

  return {
    open: ({ host, port }) => {
      const target = `${isIPv6(host) ? `[${host}]` : host}:${port}`
      const { promise, resolve, reject } = Promise.withResolvers<Socket>()
      const options = {
        host: proxy.host,
        port: proxy.port,
        method: 'CONNECT',
        path: target,
        headers: { host: target, ...authorization(proxy) },
        agent: false,
      }
      const request = isSecure
        ? requestHttps({ ...options, servername: proxyServername(proxy) })
        : requestHttp(options)
      pending.add(request)
      const timer = setTimeout(() => {
        const finding = `the proxy ${name} did not connect to ${target} within ${timeoutMs} ms`
        request.destroy(new ProxyError(finding, 'check that the proxy runs and can reach this host'))
      }, timeoutMs)
      const settle = (outcome: () => void): void => {
        clearTimeout(timer)
        pending.delete(request)
        outcome()
      }
      request.once('connect', ({ statusCode = 0 }, socket, head) =>
        settle(() => {
          if (statusCode >= 200 && statusCode < 300) {
            if (head.length > 0) socket.unshift(head)
            return resolve(socket)
          }
          socket.destroy()
          reject(statusError(statusCode, target))
        }),
      )
      // `on`: a destroyed request may report a second error, which would end the process if nobody listened.
      request.on('error', (error) =>
        settle(() =>
          reject(error instanceof ProxyError ? error : unreachable(systemCodeOf(error, 'network error'))),
        ),
      )
      request.end()
      return promise
    },
    close: () => {
      for (const request of pending) request.destroy()
    },
  }
}

const authorization = ({ auth }: ForwardProxy): Readonly<Record<string, string>> => {
  if (auth === undefined) return {}
  const credentials = Buffer.from(`${auth.username}:${auth.password}`).toString('base64')
  return { 'proxy-authorization': `Basic ${credentials}` }
}

type Created = (error: Error | null, stream: Duplex) => void

/**
 * Makes the connections of an agent tunnels: with TLS to the target for an `https.Agent`, else plain. The agent must have no
 * `maxSockets`: Node.js counts a connection only when it is open, and forgets the requests behind one that cannot be opened.
 */
export function useTunnels<Agent extends HttpAgent>(agent: Agent, tunnels: Tunnels): Agent {
  const createConnection = agent.createConnection.bind(agent)
  const destroy = agent.destroy.bind(agent)
  agent.createConnection = (options, created?: Created) => {
    // Node.js also calls it with an error only.
    const fail = created as ((error: Error) => void) | undefined
    tunnels.open({ host: options.host ?? 'localhost', port: Number(options.port) }).then(
      (socket) => {
        // `host` stays in the options: the certificate of the target is checked against it.
        const stream = agent instanceof HttpsAgent ? createConnection({ ...options, ...{ socket } }) : socket
        if (stream) created?.(null, stream)
      },
      (error: ProxyError) => fail?.(error),
    )
    return undefined
  }
  agent.destroy = () => {
    tunnels.close()
    destroy()
  }
  return agent
}
