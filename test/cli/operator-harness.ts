import type { TestContext } from 'node:test'
import { adminStatus } from '../../src/admin/admin-schemas.ts'
import { type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts'
import { adminToken, relayToken, startService } from '../helpers/service.ts'
import { until } from '../helpers/wait.ts'
import { inFolder } from './harness.ts'

export const tagCustomers = `
version: 1
rules:
  - name: tag customers
    on: [conversation:created]
    when: participant.purpose == "customer"
    set: { vip_status: "true" }
`

interface SetUpOptions extends SimulatorOptions {
  readonly rules?: string
  readonly environment?: Readonly<Record<string, string>>
}

/** An event of conversation `c1`, participant `p1`, unless the fields say otherwise. */
export const customerEvent = (id: string, fields: Readonly<Record<string, unknown>> = {}) => ({
  id,
  type: 'conversation:created',
  conversationId: 'c1',
  participantId: 'p1',
  participant: { purpose: 'customer' },
  ...fields,
})

/** An event to which the rule listens, but that it does not match. */
export const agentEvent = customerEvent('e2', { participant: { purpose: 'agent' } })

/** A simulator with conversation `c1`, a service in this process, and a folder to run commands in. */
export async function setUp(
  t: TestContext,
  { rules = tagCustomers, environment = {}, ...options }: SetUpOptions = {},
) {
  const simulator = await startSimulator({ windowPhaseMs: 0, ...options })
  t.after(() => simulator.close())
  simulator.createConversation({ id: 'c1', participants: [{ id: 'p1', purpose: 'customer' }] })
  const url = await startService(t, {
    rules,
    environment: {
      GENESYS_CLIENT_ID: 'demo',
      GENESYS_CLIENT_SECRET: 'demo',
      GENESYS_API_URL: simulator.url,
      GENESYS_LOGIN_URL: simulator.url,
      ...environment,
    },
  })
  const env = { ADMIN_TOKEN: adminToken, PORT: new URL(url).port }
  const statusOf = async () => {
    const response = await fetch(`${url}/admin/status`, {
      headers: { authorization: `Bearer ${adminToken}` },
    })
    return adminStatus.parse(await response.json())
  }
  return {
    simulator,
    url,
    env,
    /** Runs a command, such as `['delivery', 'status']`, in a shared process. */
    run: async ([command = '', ...args]: readonly string[], more: Readonly<Record<string, string>> = env) =>
      (await inFolder(t, {}, command)).run(args, { env: more }),
    /** Runs a command in its own process. */
    inProcess: async (
      [command = '', ...args]: readonly string[],
      more: Readonly<Record<string, string>> = env,
    ) => (await inFolder(t, {}, command)).inProcess(args, { env: more }),
    /** Starts a command in its own process. */
    start: async ([command = '', ...args]: readonly string[]) =>
      (await inFolder(t, {}, command)).start(args, env),
    /** Sends events and waits until each has an outcome. */
    settle: async (...events: readonly unknown[]) => {
      await post(url, events)
      await until('every event has an outcome', async () => (await statusOf()).inbox.pending === 0)
    },
    post: (...events: readonly unknown[]) => post(url, events),
    statusOf,
  }
}

/** A service with dead letters: `e1` and `e2` have the code `forbidden`, `e3` names no participant. */
export async function setUpLetters(t: TestContext) {
  const parts = await setUp(t)
  const { simulator, settle } = parts
  simulator.createConversation({ id: 'c2', participants: [{ id: 'p2', purpose: 'customer' }] })
  simulator.addFault({ match: { method: 'PATCH' }, status: 403, times: 2 })
  await settle(
    customerEvent('e1'),
    customerEvent('e2', { conversationId: 'c2', participantId: 'p2' }),
    customerEvent('e3', { participantId: undefined }),
  )
  const attributesOf = (conversation: string) =>
    simulator.conversation(conversation)?.participants[0]?.attributes
  return { ...parts, attributesOf }
}

async function post(url: string, events: readonly unknown[]): Promise<void> {
  const response = await fetch(`${url}/webhooks/genesys`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${relayToken}` },
    body: JSON.stringify(events),
  })
  if (response.status !== 202) throw new Error(`the webhook answered ${response.status}`)
}

export const errorIn = (stdout: string): Record<string, unknown> => JSON.parse(stdout).error
