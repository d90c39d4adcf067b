import assert from 'node:assert/strict'
import { join } from 'node:path'
import { readConfig } from '../../src/config/config.ts'
import { createService } from '../../src/service.ts'
import { type Owner, temporaryFolder } from './folder.ts'
import { captureLog } from './log.ts'
import { inForce, oneRule, rulesOf } from './rules.ts'

export const relayToken = 'relay-token'
export const adminToken = 'admin-token'

export interface Installation {
  /** Text of the rules file. */
  readonly rules?: string
  readonly environment?: Readonly<Record<string, string>>
}

/** Starts a service in this process, with an unreachable Genesys Cloud. Stops it after the test. */
export async function startService(
  t: Owner,
  { rules = oneRule('on: ["*"], set: { seen: true }'), environment = {} }: Installation = {},
): Promise<string> {
  const result = readConfig({
    GENESYS_CLIENT_ID: 'x',
    GENESYS_CLIENT_SECRET: 'x',
    GENESYS_API_URL: 'http://127.0.0.1:9',
    GENESYS_LOGIN_URL: 'http://127.0.0.1:9',
    WEBHOOK_TOKENS: relayToken,
    ADMIN_TOKEN: adminToken,
    HOST: '127.0.0.1',
    PORT: '0',
    STORE_URL: `sqlite:${join(await temporaryFolder(t), 'inbox.db')}`,
    SHUTDOWN_GRACE_MS: '0',
    ...environment,
  })
  assert.ok(result.kind === 'ok', result.kind === 'invalid' ? result.problems.join('\n') : '')
  const service = await createService({
    config: result.config,
    rules: inForce(rulesOf(rules), rules),
    logger: captureLog().logger,
  })
  const { url } = await service.start()
  t.after(() => service.stop())
  return url
}
