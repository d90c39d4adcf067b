import type { TestContext } from 'node:test'
import { type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts'
import { inFolder } from './harness.ts'

export const customer = 'participant-1'
export const agents = ['participant-2', 'participant-3']
export const conversation = ['--conversation', 'conversation-1']
export const onCustomer = [...conversation, '--purpose', 'customer']
export const setVip = ['--set', 'vip_status=true']

interface SetUpOptions extends SimulatorOptions {
  readonly profile?: 'platform' | 'tutorial'
  readonly files?: Readonly<Record<string, string>>
}

/** A simulator with one customer and two agents, and a folder to run the command in. */
export async function setUp(
  t: TestContext,
  { profile = 'platform', files = {}, ...options }: SetUpOptions = {},
) {
  const simulator = await startSimulator({ windowPhaseMs: 0, ...options })
  t.after(() => simulator.close())
  simulator.createConversation({
    id: 'conversation-1',
    participants: [
      {
        id: customer,
        purpose: 'customer',
        externalId: 'customer_12345',
        name: 'Ada',
        address: 'tel:+13175550100',
      },
      { id: 'participant-2', purpose: 'agent', endTime: '2026-01-05T09:00:00Z' },
      { id: 'participant-3', purpose: 'agent', attributes: { target_identifier: 'agent_7' } },
    ],
  })
  const env = {
    GENESYS_CLIENT_ID: 'demo',
    GENESYS_CLIENT_SECRET: 'demo',
    GENESYS_API_URL: simulator.url,
    GENESYS_LOGIN_URL: simulator.url,
    GENESYS_API_PROFILE: profile,
  }
  const folder = await inFolder(t, files, 'patch')
  return {
    simulator,
    env,
    patch: (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
      folder.run(args, { env: { ...env, ...more } }),
    start: (args: readonly string[]) => folder.start(args, env),
    runWith: (args: readonly string[], other: Readonly<Record<string, string>>) =>
      folder.run(args, { env: other }),
    calls: (method: string) => simulator.calls().filter((call) => call.method === method),
    attributesOf: (id: string) =>
      simulator.conversation('conversation-1')?.participants.find((one) => one.id === id)?.attributes,
  }
}

export const errorIn = (stdout: string): Record<string, unknown> => JSON.parse(stdout).error
