import { withoutBrackets } from './host.ts'
import { createAddressFilter, isAddressOrNetwork } from './networks.ts'

/**
 * Returns whether the entries of NO_PROXY exempt a URL from the proxy. An entry is `*`, a host name, which includes its subdomains
 * (`example.com`, `.example.com`, `*.example.com`), or an address or network (`10.0.0.0/8`, `[::1]`); all but networks can have a
 * port. Programs share NO_PROXY, so an entry of another form is no mistake: it exempts nothing. Networks exempt only URLs
 * with an address as host, because names are resolved by the proxy.
 */
export function createNoProxy(entries: readonly string[]): (url: URL) => boolean {
  const tests = entries.map((entry) => createTest(entry.toLowerCase()))
  return (url) => {
    const host = withoutBrackets(url.hostname).replace(/\.$/, '')
    const port = url.port || defaultPorts[url.protocol] || ''
    return tests.some((isExempt) => isExempt(host, port))
  }
}

const defaultPorts: Readonly<Record<string, string>> = {
  'http:': '80',
  'ws:': '80',
  'https:': '443',
  'wss:': '443',
}

type Test = (host: string, port: string) => boolean

function createTest(entry: string): Test {
  if (entry === '*') return () => true
  const { host, port } = splitPort(entry)
  const isHost = createHostTest(host)
  return (name, used) => isHost(name) && (port === undefined || port === used)
}

function createHostTest(host: string): (name: string) => boolean {
  if (isAddressOrNetwork(host)) return createAddressFilter([host])
  const domain = host.replace(/^\*?\./, '').replace(/\.$/, '')
  return (name) => domain !== '' && (name === domain || name.endsWith(`.${domain}`))
}

/** Without brackets, the colons of an IPv6 address would look as if they began a port. */
function splitPort(entry: string): { readonly host: string; readonly port: string | undefined } {
  const [, host = entry, port] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry) ?? []
  return { host: withoutBrackets(host), port }
}
