import { hosts, proxyUrl } from './schemas.ts'

/** The part of the catalogue in variables.ts about the outgoing proxy. */
export const proxyVariables = {
  GENESYS_PROXY_URL: {
    schema: proxyUrl(),
    secret: true,
    meaning:
      'URL of the proxy for [outgoing calls](operations/proxy.md#what-uses-the-proxy), such as `http://proxy.example.com:3128`, with `USER:PASSWORD@` before the host if the proxy requires it. Without it, the service connects directly.',
  },
  NO_PROXY: {
    schema: hosts(),
    meaning:
      'Hosts that the service calls without that proxy, separated by commas or spaces: names with their subdomains, addresses, networks, or `*`. Has no effect without `GENESYS_PROXY_URL`.',
  },
} as const
