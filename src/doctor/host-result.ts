import { isIP } from 'node:net'
import { withoutBrackets } from '../http/host.ts'
import { createAddressFilter } from '../http/networks.ts'
import type { CheckResult } from './check-result.ts'
import type { Connection } from './connect.ts'

type HostCheck = 'login-host' | 'api-host'

/** For each host: the setting that replaces its URL, and the secrets that the service sends to it. */
const hosts = {
  'login-host': { setting: 'GENESYS_LOGIN_URL', secrets: 'the client secret and the token' },
  'api-host': { setting: 'GENESYS_API_URL', secrets: 'the token and the attributes' },
} as const satisfies Record<HostCheck, object>

const isLoopback = createAddressFilter(['127.0.0.0/8', '::1'])

/** The result for the login or the API host, from a connection to it. */
export function hostResult(check: HostCheck, url: string, connection: Connection): CheckResult {
  const { host, hostname } = new URL(url)
  const { setting, secrets } = hosts[check]
  if (connection.kind === 'tunnelled') {
    const { proxy, tls } = connection
    return { check, result: 'ok', finding: `${host} through the proxy ${proxy}, ${tls}` }
  }
  if (connection.kind === 'forwarded')
    return {
      check,
      result: 'warning',
      finding: `${host} is called over plain HTTP through the proxy ${connection.proxy}, so the proxy and the network can read ${secrets}`,
      remedy: 'Use an https:// URL, or add the host to NO_PROXY.',
    }
  if (connection.kind === 'failed' && connection.stage === 'proxy') {
    const { finding, remedy } = connection.error
    return { check, result: 'failed', finding, remedy: sentence(remedy) }
  }
  if (connection.kind === 'failed') {
    const { stage, code } = connection
    return { check, result: 'failed', ...describeFailure(host, stage, code, setting) }
  }
  const { address, tls } = connection
  const isName = isIP(withoutBrackets(hostname)) === 0
  const hostAndAddress = isName ? `${host} (${address})` : host
  if (tls === undefined && !isLoopback(address))
    return {
      check,
      result: 'warning',
      finding: `${hostAndAddress} answers over plain HTTP, so the network can read ${secrets}`,
      remedy: `Use an https:// URL, unless only machines that you trust can read the traffic to ${host}.`,
    }
  return { check, result: 'ok', finding: `${hostAndAddress}, ${tls ?? 'plain HTTP on this machine'}` }
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

function describeFailure(
  host: string,
  stage: 'dns' | 'tcp' | 'tls',
  code: string,
  setting: string,
): Pick<CheckResult, 'finding' | 'remedy'> {
  const settings = `GENESYS_ENV (the domain of your region) and ${setting}`
  if (stage === 'dns')
    return {
      finding: `the name ${host} cannot be resolved (${code})`,
      remedy: `Check ${settings}, and the DNS server of this machine.`,
    }
  if (stage === 'tcp')
    return {
      finding: `${host} cannot be reached (${code})`,
      remedy: `Check ${settings}. Allow outgoing connections to ${host} in the firewall.`,
    }
  return {
    finding: `${host} accepts the connection, but TLS fails (${code})`,
    remedy: tlsRemedy(code, host),
  }
}

/** `code`: that of a certificate (from OpenSSL), of Node.js or of the connection, or `timeout`. */
function tlsRemedy(code: string, host: string): string {
  if (code === 'CERT_HAS_EXPIRED')
    return `Check the clock of this machine. If it is right, the certificate has expired: the operator of ${host}, or of the proxy that answers in its place, must renew it.`
  if (code === 'CERT_NOT_YET_VALID')
    return 'Check the clock of this machine: the certificate is not valid before a later time.'
  if (/SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY_LEAF)/.test(code))
    return `If a proxy of your network inspects TLS, add the certificate of its authority with NODE_EXTRA_CA_CERTS; otherwise ${host} is the wrong host.`
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `The certificate belongs to another host. Check the URL and the DNS entry of ${host}.`
  return `Check the URL: ${host} may not speak HTTPS on this port, or a firewall may cut the connection.`
}
