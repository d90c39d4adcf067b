import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { createNoProxy } from './no-proxy.ts'
import type { ForwardProxy, OutgoingProxy, ProxyRoute, ProxySettings } from './outgoing-proxy.ts'
import { ProxyError } from './proxy-error.ts'
import { createTunnels, PlainTunnelAgent, SecureTunnelAgent, type Tunnels } from './tunnel.ts'

export function createProxy({ url, noProxy }: ProxySettings): OutgoingProxy {
  const { protocol, hostname, port: givenPort, username, password } = new URL(url)
  const port = Number(givenPort) || (protocol === 'https:' ? 443 : 80)
  const name = `${hostname}:${port}`
  const hasCredentials = username !== '' || password !== ''
  const isExempt = createNoProxy(noProxy)

  const unreachable = (code: string): ProxyError =>
    new ProxyError(
      `the proxy ${name} cannot be reached (${code})`,
      'check GENESYS_PROXY_URL, and that the proxy runs',
    )

  const refused = (): ProxyError =>
    hasCredentials
      ? new ProxyError(
          `the proxy ${name} refuses the credentials (407)`,
          'check user and password in GENESYS_PROXY_URL; they must be percent-encoded, and the proxy must accept Basic authentication',
        )
      : new ProxyError(
          `the proxy ${name} requires credentials (407)`,
          'add them to GENESYS_PROXY_URL, as http://USER:PASSWORD@HOST:PORT',
        )

  const forward: ForwardProxy = {
    protocol,
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port,
    ...(hasCredentials && {
      auth: { username: decodeURIComponent(username), password: decodeURIComponent(password) },
    }),
  }

  const createTunnelsWithin = (timeoutMs: number): Tunnels =>
    createTunnels({ proxy: forward, timeoutMs, failures: { name, unreachable, refused } })
  const covers = (target: string): boolean => !isExempt(new URL(target))

  return {
    name,
    covers,
    createRoutes: ({ timeoutMs, maxSockets }) => {
      const options = { keepAlive: true, maxSockets }
      const tunnelAgent = new SecureTunnelAgent(options, createTunnelsWithin(timeoutMs))
      const httpAgent = new HttpAgent(options)
      const httpsAgent = new HttpsAgent(options)
      /** For `https:` targets: the proxy cannot read these requests. */
      const tunnel: ProxyRoute = {
        config: { httpsAgent: tunnelAgent },
        answerError: () => undefined,
        connectionError: () => undefined, // tunnels fail with a ProxyError of their own
      }
      /** For `http:` targets: the request line has the URL of the target (RFC 9112, 3.2.2). */
      const forwarded: ProxyRoute = {
        config: { httpAgent, httpsAgent, proxy: forward },
        answerError: (status) => (status === 407 ? refused() : undefined),
        connectionError: unreachable,
      }
      return {
        of: (target) => {
          if (!covers(target)) return undefined
          return new URL(target).protocol === 'https:' ? tunnel : forwarded
        },
        close: () => {
          for (const agent of [tunnelAgent, httpAgent, httpsAgent]) agent.destroy()
        },
      }
    },
    createWebsocketAgent: ({ timeoutMs, secure }) =>
      new (secure ? SecureTunnelAgent : PlainTunnelAgent)({}, createTunnelsWithin(timeoutMs)),
    openTunnel: (target, timeoutMs) => createTunnelsWithin(timeoutMs).open(target),
  }
}
