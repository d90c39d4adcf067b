import { createHttp } from '../http/client.ts'
import type { CheckResult } from './check-result.ts'
import type { ServiceProbe } from './probe-service.ts'

const timeoutMs = 5_000

interface AdminTokenDeps {
  /** The value of ADMIN_TOKEN; undefined: it is not set. */
  readonly token: string | undefined
  /** The service at the URL. The token goes only to a service that has answered its probes. */
  readonly url: string
  readonly probe: ServiceProbe
}

/** Whether the operator commands can use the running service. */
export async function checkAdminToken({ token, url, probe }: AdminTokenDeps): Promise<CheckResult> {
  const check = 'admin-token'
  if (token === undefined)
    return {
      check,
      result: 'warning',
      finding: 'ADMIN_TOKEN is not set: the operator commands (events, dead-letters, delivery) do not work',
      remedy:
        'Set ADMIN_TOKEN for the service, for example to the output of "openssl rand -base64 32", and restart it.',
    }
  if (probe.kind === 'no_service')
    return { check, result: 'skipped', finding: `no service answers at ${url}` }
  // Unlike the probes, it verifies the certificate, because it sends the token.
  const { http, close } = createHttp({ timeoutMs, maxSockets: 1 })
  try {
    const headers = { authorization: `Bearer ${token}` }
    const result = await http({ method: 'GET', url: `${url}/admin/status`, headers })
    return result.kind === 'failed' ? untested(result.detail) : describeStatus(result.answer.status)
  } finally {
    close()
  }
}

const untested = (cause: string): CheckResult => ({
  check: 'admin-token',
  result: 'skipped',
  finding: `the status could not be read (${cause}); with TLS, give --url with the name in the certificate`,
})

function describeStatus(status: number): CheckResult {
  const check = 'admin-token'
  switch (status) {
    case 200:
      return { check, result: 'ok', finding: 'the service accepts ADMIN_TOKEN' }
    case 401:
    case 429:
      return {
        check,
        result: 'failed',
        finding: `the service refuses ADMIN_TOKEN (${status}): it has another one`,
        remedy: 'Use the value that the service has. If you have changed it, restart the service.',
      }
    case 404:
      return {
        check,
        result: 'failed',
        finding: 'the service runs without ADMIN_TOKEN: it answers 404',
        remedy: 'Set ADMIN_TOKEN for the service too, and restart it.',
      }
    default:
      return untested(`status ${status}`)
  }
}
