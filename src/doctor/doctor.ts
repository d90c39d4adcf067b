import type { Environment } from '../config/checks.ts'
import { localUrl } from '../http/local-url.ts'
import { checkAdminToken } from './admin-token.ts'
import { type CheckResult, skipped } from './check-result.ts'
import { checkConfiguration } from './configuration.ts'
import { checkGenesysCloud } from './genesys-cloud.ts'
import { checkNode } from './node-version.ts'
import { checkPort } from './port.ts'
import { probeService, type ServiceProbe } from './probe-service.ts'
import { checkRules } from './rules.ts'
import { checkService } from './service.ts'
import { readSettings, type Settings } from './settings.ts'
import { checkStore, type Statfs } from './store.ts'

export interface DoctorDeps {
  readonly environment: Environment
  /** Where a service should answer. Undefined: HOST and PORT on this machine. */
  readonly url?: string | undefined
  /** Epoch ms. */
  readonly now: () => number
  /** Such as `24.11.0`. */
  readonly nodeVersion: string
  /** Default: that of Node.js. */
  readonly statfs?: Statfs
}

/**
 * Runs every check, in the order of `checkNames`. Changes nothing in Genesys Cloud, opens no inbox for writing, and makes at
 * most two API calls and two token requests.
 */
export async function* diagnose(deps: DoctorDeps): AsyncGenerator<CheckResult> {
  const settings = readSettings(deps.environment)
  yield checkNode(deps.nodeVersion)
  yield* checkConfiguration(settings)
  yield* checkGenesysCloud(settings, deps.now)
  yield* checkStore(settings.storeUrl, deps.statfs)
  yield* await checkRules(settings.rulesFile)
  yield* checkPortAndService(settings, deps.url)
}

async function* checkPortAndService(
  { http, adminToken }: Settings,
  asked: string | undefined,
): AsyncGenerator<CheckResult> {
  const local =
    http === undefined || http.port === 0
      ? undefined
      : localUrl({ ...http, isSecure: http.tls !== undefined })
  const answers = new Map<string, ServiceProbe>()
  for (const url of new Set([local, asked])) if (url !== undefined) answers.set(url, await probeService(url))
  if (http === undefined) yield* skipped(['port'], 'the settings of the port are not valid')
  else yield await checkPort(http, answers.get(local ?? ''))
  const url = asked ?? local
  const probe = answers.get(url ?? '')
  if (url === undefined || probe === undefined) {
    yield* skipped(['service', 'admin-token'], 'the URL of the service is unknown: give --url')
    return
  }
  yield* checkService(probe, { url, asked: asked !== undefined })
  yield await checkAdminToken({ token: adminToken, url, probe })
}
