import { Agent as HttpsAgent } from 'node:https'
import { withoutBrackets } from './host.ts'
import { createNoProxy } from './no-proxy.ts'
import { Agent as HttpAgent } from './node-http.ts'
import type { ForwardProxy, OutgoingProxy, ProxyRoute, ProxySettings } from './outgoing-proxy.ts'
import { ProxyError } from './proxy-error.ts'
import { createTunnels, proxyServername, type Tunnels, useTunnels } from './tunnel.ts'

/** Codes of OpenSSL and Node.js for a certificate that is not valid, not trusted or for another host. */
const certificateFault =
  /^(ERR_TLS_CERT_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE)/

export function createProxy({ url, noProxy }: ProxySettings): OutgoingProxy {
  const { protocol, hostname, port: givenPort, username, password } = new URL(url)
  const port = Number(givenPort) || (protocol === 'https:' ? 443 : 80)
  const name = `${hostname}:${port}`
  const hasCredentials = username !== '' || password !== ''
  const isExempt = createNoProxy(noProxy)

  const unreachable = (code: string): ProxyError =>
    certificateFault.test(code)
      ? new ProxyError(
          `the certificate of the proxy ${name} is not accepted (${code})`,
          'check the name in GENESYS_PROXY_URL and NODE_EXTRA_CA_CERTS',
        )
      : new ProxyError(
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
    host: withoutBrackets(hostname),
    port,
    ...(hasCredentials && {
      auth: { username: decodeURIComponent(username), password: decodeURIComponent(password) },
    }),
  }

  const createTunnelsWithin = (timeoutMs: number): Tunnels =>
    createTunnels({ proxy: forward, timeoutMs, failures: { name, unreachable, refused } })
  const createTunnelAgent = (timeoutMs: number): HttpsAgent =>
    useTunnels(new HttpsAgent({ keepAlive: true }), createTunnelsWithin(timeoutMs))
  const covers = (target: string): boolean => !isExempt(new URL(target))

  return {
    name,
    covers,
    createRoutes: ({ timeoutMs }) => {
      const tunnelAgent = createTunnelAgent(timeoutMs)
      const httpAgent = new HttpAgent({ keepAlive: true })
      const httpsAgent = new HttpsAgent({ keepAlive: true, servername: proxyServername(forward) })
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
    createTunnelAgent,
    createPlainTunnelAgent: (timeoutMs) =>
      useTunnels(new HttpAgent({ keepAlive: true }), createTunnelsWithin(timeoutMs)),
    openTunnel: (target, timeoutMs) => createTunnelsWithin(timeoutMs).open(target),
  }
}
