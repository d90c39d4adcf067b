import { createHmac, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { DeliveryReport } from '../../deliver/attempt.ts'
import { prepareService } from '../../embed/prepare-service.ts'
import { type SimulatedCall, type Simulator, startSimulator } from '../../simulator/simulator.ts'
import type { Step } from './steps.ts'

/** The real service and the simulator on free local ports, with a temporary store. */
export interface Demo {
  readonly url: string
  readonly rulesFile: string
  readonly simulator: Simulator
  readonly token: string
  readonly adminToken: string
  /** Posts a step, waits until its events are settled, and compares the result with the expected one. */
  run(step: Step): Promise<StepResult>
  /** The rate budget as the service reports it. */
  budget(): Promise<{ readonly allowed: number; readonly remaining: number }>
  close(): Promise<void>
}

/** The result of a step for one participant. */
export interface Effect {
  readonly participantId: string
  readonly rules: readonly string[]
  readonly outcome: string
  readonly call: SimulatedCall | undefined
  readonly attributes: Readonly<Record<string, string>>
}

export interface StepResult {
  readonly answer: string
  readonly effects: readonly Effect[]
  /** Differences from the expected result; empty if there are none. */
  readonly mismatches: readonly string[]
}

const token = 'demo-token'
const secret = 'demo-signing-secret'
const adminToken = 'demo-admin'
const rulesFile = fileURLToPath(new URL('../../../examples/rules.yaml', import.meta.url))
const settleWithinMs = 5_000

const answerBody = z.object({ accepted: z.number(), duplicates: z.number(), ignored: z.number() })
const statusBody = z.object({
  delivery: z.object({ budget: z.object({ allowed: z.number(), remaining: z.number() }) }),
})

export async function startDemo(): Promise<Demo> {
  const folder = await mkdtemp(join(tmpdir(), 'genesys-enricher-demo-'))
  const simulator = await startSimulator()
  const environment = {
    GENESYS_CLIENT_ID: 'demo',
    GENESYS_CLIENT_SECRET: 'demo',
    GENESYS_API_URL: simulator.url,
    GENESYS_LOGIN_URL: simulator.url,
    HOST: '127.0.0.1',
    PORT: '0',
    WEBHOOK_TOKENS: token,
    WEBHOOK_SECRETS: secret,
    // docs/relays/webhook-services.md signs a request with it.
    WEBHOOK_HMAC_HEADER: 'X-Outpost-Signature',
    ADMIN_TOKEN: adminToken,
    RULES_FILE: rulesFile,
    STORE_URL: `sqlite:${join(folder, 'inbox.db')}`,
    LOG_LEVEL: 'error',
  }
  const reports: DeliveryReport[] = []
  const { service } = await prepareService({ environment }, (report) => reports.push(report))
  const { url } = await service.start()

  async function post({ headers, sentBy, ...step }: Step): Promise<Response> {
    const body = JSON.stringify(step.body)
    return fetch(`${url}/webhooks/genesys`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers, ...credentials(sentBy, body) },
      body,
    })
  }

  return {
    url,
    rulesFile,
    simulator,
    token,
    adminToken,
    async run(step) {
      const callsBefore = simulator.calls().at(-1)?.seq ?? 0
      const reportsBefore = reports.length
      const response = await post(step)
      const counts = answerBody.safeParse(await response.json()).data ?? noCounts
      const settled = await waitForReports(reports, reportsBefore, counts.accepted)
      const calls = simulator.calls(callsBefore).filter(({ method }) => method === 'PATCH')
      const effects = settled.map((report) => toEffect(report, calls, simulator))
      return {
        answer: formatAnswer(response.status, counts),
        effects,
        mismatches: compare(step, response.status, counts, effects),
      }
    },
    async budget() {
      const headers = { authorization: `Bearer ${adminToken}` }
      const answer = await fetch(`${url}/admin/status`, { headers })
      return statusBody.parse(await answer.json()).delivery.budget
    },
    async close() {
      await service.stop()
      await simulator.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const noCounts = { accepted: 0, duplicates: 0, ignored: 0 }

function credentials(sentBy: Step['sentBy'], body: string): Record<string, string> {
  if (sentBy === 'bearer token') return { authorization: `Bearer ${token}` }
  if (sentBy === 'API key') return { 'x-api-key': token }
  const id = randomUUID()
  const timestamp = String(Math.floor(Date.now() / 1000))
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
}

/** Waits until the reports after the first `from` cover this number of events. */
async function waitForReports(
  all: readonly DeliveryReport[],
  from: number,
  events: number,
): Promise<DeliveryReport[]> {
  const deadline = Date.now() + settleWithinMs
  for (;;) {
    const reports = all.slice(from)
    const settled = reports.reduce((sum, { outcomes }) => sum + outcomes.length, 0)
    if (settled >= events || Date.now() > deadline) return reports
    await sleep(5)
  }
}

function toEffect(report: DeliveryReport, calls: readonly SimulatedCall[], simulator: Simulator): Effect {
  const { conversationId, participantId } = report.claim.key
  const participant = simulator
    .conversation(conversationId)
    ?.participants.find(({ id }) => id === participantId)
  return {
    participantId,
    rules: report.decisions.flatMap(({ matched }) => matched),
    outcome: report.outcomes.map(({ state }) => state).join(', '),
    call: calls.find((call) => call.participantId === participantId),
    attributes: participant?.attributes ?? {},
  }
}

function formatAnswer(status: number, counts: z.infer<typeof answerBody>): string {
  const nonZero = Object.entries(counts).filter(([, count]) => count > 0)
  return `${status} ${nonZero.map(([name, count]) => `${count} ${count === 1 ? name.replace(/s$/, '') : name}`).join(', ')}`
}

function compare(
  step: Step,
  status: number,
  counts: z.infer<typeof answerBody>,
  effects: readonly Effect[],
): string[] {
  const mismatches: string[] = []
  const expectSame = (subject: string, actual: unknown, expected: unknown) => {
    const [actualJson, expectedJson] = [JSON.stringify(actual), JSON.stringify(expected)]
    if (actualJson !== expectedJson) mismatches.push(`${subject} is ${actualJson}, expected ${expectedJson}`)
  }
  expectSame('status', status, 202)
  expectSame('answer', counts, { ...noCounts, ...step.answer })
  for (const [participantId, { outcome, attributes }] of Object.entries(step.participants ?? {})) {
    const effect = effects.find((candidate) => candidate.participantId === participantId)
    expectSame(`outcome of ${participantId}`, effect?.outcome, outcome)
    expectSame(`attributes of ${participantId}`, sorted(effect?.attributes ?? {}), sorted(attributes))
    expectSame(`PATCH sent for ${participantId}`, effect?.call !== undefined, outcome === 'applied')
  }
  return mismatches
}

const sorted = (attributes: Readonly<Record<string, string>>) =>
  Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1))
