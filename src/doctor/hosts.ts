import { isIP } from 'node:net'
import type { CheckResult } from './check-result.ts'
import type { Connection } from './connect.ts'

/** The result for the login or the API host, from a connection to it. */
export function checkHost(
  check: 'login-host' | 'api-host',
  url: string,
  connection: Connection,
): CheckResult {
  const { host, hostname } = new URL(url)
  if (connection.kind === 'tunnelled') {
    const { proxy, tls } = connection
    return { check, result: 'ok', finding: `${host} through the proxy ${proxy}, ${tls}` }
  }
  if (connection.kind === 'forwarded')
    return {
      check,
      result: 'warning',
      finding: `${host} is called over plain HTTP through the proxy ${connection.proxy}, so the proxy and the network can read the client secret and the token`,
      remedy: 'Use an https:// URL, or add the host to NO_PROXY.',
    }
  if (connection.kind === 'failed' && connection.stage === 'proxy') {
    const { finding, remedy } = connection.error
    return { check, result: 'failed', finding, remedy: sentence(remedy) }
  }
  if (connection.kind === 'failed') {
    const { stage, code } = connection
    const setting = check === 'login-host' ? 'GENESYS_LOGIN_URL' : 'GENESYS_API_URL'
    return { check, result: 'failed', ...describeFailure(host, stage, code, setting) }
  }
  const { address, tls } = connection
  const via = isIP(hostname) === 0 ? `${host} (${address})` : host
  if (tls === undefined && !isLoopback(address))
    return {
      check,
      result: 'warning',
      finding: `${via} answers over plain HTTP, so the network can read the client secret and the token`,
      remedy: 'Use an https:// URL, unless the network is closed.',
    }
  return { check, result: 'ok', finding: `${via}, ${tls ?? 'plain HTTP on this machine'}` }
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

const isLoopback = (address: string): boolean => /^(127\.|::1$|::ffff:127\.)/.test(address)

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
    remedy: certificateRemedy(code, host),
  }
}

/** Codes of OpenSSL, as Node.js reports them. */
function certificateRemedy(code: string, host: string): string {
  if (/^CERT_(NOT_YET_VALID|HAS_EXPIRED)$/.test(code))
    return 'Check the clock of this machine: the certificate is valid for a limited time only.'
  if (/SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY_LEAF)/.test(code))
    return `If a proxy of your network inspects TLS, add the certificate of its authority with NODE_EXTRA_CA_CERTS; otherwise ${host} is the wrong host.`
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `The certificate belongs to another host. Check the URL and the DNS entry of ${host}.`
  return `Check the URL: ${host} may not speak HTTPS on this port, or a firewall may cut the connection.`
}
