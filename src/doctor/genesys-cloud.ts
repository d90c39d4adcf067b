import { openProxy } from '../http/open-proxy.ts'
import { type CheckResult, skipped } from './check-result.ts'
import { checkClock } from './clock.ts'
import { connectTo } from './connect.ts'
import { hostResult } from './host-result.ts'
import { checkLogin } from './login.ts'
import { checkPermission } from './permission.ts'
import { checkRateHeaders } from './rate-headers.ts'
import type { Settings } from './settings.ts'
import { readUnknownConversation } from './unknown-conversation.ts'

/** Longer timeouts of the service would only make the operator wait. */
const maxTimeoutMs = 10_000

/** Region, login, clock, permission and rate headers, with at most two API calls and two token requests. */
export async function* checkGenesysCloud(
  { region, client, proxy: proxySettings, rate, role }: Settings,
  now: () => number,
): AsyncGenerator<CheckResult> {
  if (role === 'ingest' || region === undefined) {
    const reason =
      role === 'ingest'
        ? 'a node with ROLE=ingest does not call Genesys Cloud'
        : 'the settings of the region or the proxy are not valid'
    yield* skipped(['login-host', 'api-host', 'login', 'clock', 'permission', 'rate-headers'], reason)
    return
  }
  const { loginUrl, apiUrl, requestTimeoutMs } = region
  const timeoutMs = Math.min(requestTimeoutMs, maxTimeoutMs)
  const proxy = await openProxy(proxySettings)
  const connect = (url: string) => connectTo(url, { timeoutMs, proxy })
  const [login, api] = await Promise.all([connect(loginUrl), connect(apiUrl)])
  yield hostResult('login-host', loginUrl, login)
  yield hostResult('api-host', apiUrl, api)
  if (client === undefined || login.kind === 'failed') {
    const reason =
      client === undefined ? 'the settings of the OAuth client are not valid' : 'login-host failed'
    yield* skipped(['login', 'clock', 'permission', 'rate-headers'], reason)
    return
  }
  const attempt = await readUnknownConversation(client, { now, timeoutMs, proxy })
  const loggedIn = checkLogin(attempt)
  yield loggedIn
  yield checkClock(attempt)
  if (loggedIn.result !== 'ok' || api.kind === 'failed') {
    const reason = loggedIn.result === 'ok' ? 'api-host failed' : 'login gave no token'
    yield* skipped(['permission', 'rate-headers'], reason)
    return
  }
  yield checkPermission(attempt, client)
  yield checkRateHeaders(attempt, rate)
}
