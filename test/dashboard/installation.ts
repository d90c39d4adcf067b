import { prepareService } from '../../src/embed/prepare-service.ts'
import type { Owner } from '../helpers/folder.ts'
import { adminToken, setUp, token } from '../helpers/process.ts'
import { until } from '../helpers/wait.ts'

/** Rules of which one lacks a field of most events. */
export const exampleRules = `version: 1
rules:
  - name: channel
    on: [conversation:created]
    when: participant.purpose == "customer"
    set: { channel: '\${event.mediaType}' }
  - name: vip by phone number
    on: [conversation:created]
    when: participant.purpose == "customer" && participant.address == "tel:+13175550100"
    priority: high
    set: { vip_status: true, support_tier: platinum }
  - name: language
    on: [conversation:updated]
    when: has(event.body.language)
    set: { language: '\${event.body.language}' }
  - name: queue priority
    on: [conversation:created]
    when: event.queueId == "q-billing"
    set: { queue_priority: high }
`

export interface Installation {
  readonly url: string
  readonly simulator: Awaited<ReturnType<typeof setUp>>['simulator']
  readonly folder: string
  post(events: unknown): Promise<void>
  admin(method: 'GET' | 'POST', path: string, body?: unknown): Promise<never>
  /** Waits until no event is pending. */
  settled(): Promise<void>
  stop(): Promise<void>
}

interface Situation {
  readonly rules?: string
  readonly environment?: Readonly<Record<string, string>>
  /** Called with the path of the inbox before the service opens it. */
  readonly prepareInbox?: (file: string) => Promise<void>
}

/** The simulator, and the service in this process. */
export async function install(
  t: Owner,
  { rules = exampleRules, environment = {}, prepareInbox }: Situation = {},
): Promise<Installation> {
  const { folder, simulator, environment: common } = await setUp(t, { rules, windowPhaseMs: 0 })
  await prepareInbox?.(`${folder}/data/inbox.db`)
  const { service } = await prepareService({
    environment: { ...common, SHUTDOWN_GRACE_MS: '1000', ...environment },
    log: { write: () => {} },
  })
  const { url } = await service.start()
  t.after(() => service.stop())
  const request = (path: string, method: string, bearer: string, body: unknown) =>
    fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  const admin: Installation['admin'] = async (method, path, body) => {
    const response = await request(path, method, adminToken, body)
    return (await response.json()) as never
  }
  return {
    url,
    simulator,
    folder,
    admin,
    post: async (events) => {
      const response = await request('/webhooks/genesys', 'POST', token, events)
      if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`)
    },
    settled: async () => {
      await until('no event is pending', async () => {
        const { inbox } = (await admin('GET', '/admin/status')) as { inbox: { pending: number } }
        return inbox.pending === 0
      })
    },
    stop: service.stop,
  }
}

/** A customer who calls, and its conversation in the simulator. */
export function customerCall(
  { simulator }: Pick<Installation, 'simulator'>,
  name: string,
  fields: object = {},
) {
  const [conversationId, participantId] = [`conversation-${name}`, `participant-${name}`]
  if (simulator.conversation(conversationId) === undefined)
    simulator.createConversation({
      id: conversationId,
      participants: [{ id: participantId, purpose: 'customer' }],
    })
  return {
    id: `event-${name}`,
    type: 'conversation:created',
    occurredAt: new Date().toISOString(),
    conversationId,
    participantId,
    mediaType: 'voice',
    participant: { purpose: 'customer', address: 'tel:+13175550100' },
    ...fields,
  }
}
