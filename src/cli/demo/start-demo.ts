import { createHmac, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { readConfig } from '../../config/config.ts'
import type { DeliveryReport } from '../../deliver/attempt.ts'
import { ConfigurationError } from '../../errors.ts'
import { createLogger } from '../../log/logger.ts'
import { loadRules } from '../../rules/load-rules.ts'
import { createRulesInForce } from '../../rules/rules-in-force.ts'
import { createService } from '../../service.ts'
import { type Simulator, startSimulator } from '../../simulator/simulator.ts'
import type { Step } from './steps.ts'

/** The real service and the simulator on free local ports, with a temporary store. */
export interface Demo {
  readonly url: string
  readonly rulesFile: string
  readonly simulator: Simulator
  readonly token: string
  readonly adminToken: string
  /** The service's delivery reports, oldest first. */
  readonly reports: readonly DeliveryReport[]
  post(step: Step): Promise<Response>
  /** The rate budget as the service reports it. */
  budget(): Promise<{ readonly allowed: number; readonly remaining: number }>
  close(): Promise<void>
}

const token = 'demo-token'
const secret = 'demo-signing-secret'
const adminToken = 'demo-admin'

const statusBody = z.object({
  delivery: z.object({ budget: z.object({ allowed: z.number(), remaining: z.number() }) }),
})

export async function startDemo(): Promise<Demo> {
  const folder = await mkdtemp(join(tmpdir(), 'genesys-enricher-demo-'))
  const simulator = await startSimulator()
  const rulesFile = fileURLToPath(new URL('../../../examples/rules.yaml', import.meta.url))
  const read = readConfig({
    GENESYS_CLIENT_ID: 'demo',
    GENESYS_CLIENT_SECRET: 'demo',
    GENESYS_API_URL: simulator.url,
    GENESYS_LOGIN_URL: simulator.url,
    HOST: '127.0.0.1',
    PORT: '0',
    WEBHOOK_TOKENS: token,
    WEBHOOK_SECRETS: secret,
    ADMIN_TOKEN: adminToken,
    RULES_FILE: rulesFile,
    STORE_URL: `sqlite:${join(folder, 'inbox.db')}`,
    LOG_LEVEL: 'error',
  })
  if (read.kind === 'invalid')
    throw new ConfigurationError('The demo configuration is not valid', read.problems)
  const loaded = await loadRules(rulesFile)
  if (loaded.kind === 'invalid')
    throw new ConfigurationError('The example rules are not valid', loaded.problems)
  const { config } = read

  const reports: DeliveryReport[] = []
  const logger = createLogger(config.logLevel)
  const service = await createService({
    config,
    rules: createRulesInForce({ file: rulesFile, loaded, log: logger, mistakesIn: () => [], now: Date.now }),
    logger,
    onReport: (report) => reports.push(report),
  })
  const { url } = await service.start()
  return {
    url,
    rulesFile,
    simulator,
    token,
    adminToken,
    reports,
    post: (step) => {
      const body = JSON.stringify(step.body)
      const headers = {
        'content-type': 'application/json',
        ...step.headers,
        ...credentials(step.sentBy, body),
      }
      return fetch(`${url}/webhooks/genesys`, { method: 'POST', headers, body })
    },
    budget: async () => {
      const answer = await fetch(`${url}/admin/status`, {
        headers: { authorization: `Bearer ${adminToken}` },
      })
      return statusBody.parse(await answer.json()).delivery.budget
    },
    close: async () => {
      await service.stop()
      await simulator.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function credentials(sentBy: Step['sentBy'], body: string): Record<string, string> {
  if (sentBy === 'bearer token') return { authorization: `Bearer ${token}` }
  if (sentBy === 'API key') return { 'x-api-key': token }
  const id = randomUUID()
  const timestamp = String(Math.floor(Date.now() / 1000))
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
}
