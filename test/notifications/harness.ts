import type { TestContext } from 'node:test'
import { createGenesys } from '../../src/genesys/genesys.ts'
import type { Inbox } from '../../src/inbox/inbox.ts'
import { createIntake } from '../../src/ingest/intake.ts'
import { createTotals } from '../../src/metrics/totals.ts'
import { genesysTiming, type Timing } from '../../src/notifications/channel.ts'
import { createNotifications, type NotificationsDeps } from '../../src/notifications/notifications.ts'
import { createConnect } from '../../src/notifications/socket.ts'
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts'
import { openInbox } from '../helpers/ingest-server.ts'
import { captureLog } from '../helpers/log.ts'
import { oneRule, rulesOf } from '../helpers/rules.ts'
import { until } from '../helpers/wait.ts'

export const queueId = '4e5f6071-0000-4000-8000-00000000000e'
export const queueTopic = `v2.routing.queues.${queueId}.conversations`
export const userTopic = 'v2.users.u1.conversations'

export interface ListenOptions extends Partial<Pick<NotificationsDeps, 'topics' | 'queues' | 'bounds'>> {
  readonly simulator?: SimulatorOptions
  readonly timing?: Partial<Timing>
  readonly maxPending?: number
  readonly clientSecret?: string
  /** Wraps the inbox. */
  readonly wrapInbox?: (inbox: Inbox) => Inbox
  /** Runs before the source starts. */
  readonly prepare?: (simulator: Simulator) => void
}

/** A notification source connected to a simulator, with a real inbox. Stops at the end of the test. */
export async function listen(t: TestContext, options: ListenOptions = {}) {
  const { maxPending = 1_000_000, clientSecret = 'demo' } = options
  const simulator = await startSimulator({ rateLimit: 10_000, ...options.simulator })
  t.after(() => simulator.close())
  simulator.createQueue({ id: queueId, name: 'Sales' })
  options.prepare?.(simulator)
  const real = await openInbox(t, maxPending, Date.now)
  const inbox = options.wrapInbox?.(real) ?? real
  const totals = createTotals()
  const log = captureLog()
  const rules = rulesOf(oneRule('on: [conversation:updated], set: { seen: true }'))
  const genesys = createGenesys({
    apiUrl: simulator.url,
    loginUrl: simulator.url,
    clientId: 'demo',
    clientSecret,
    profile: 'platform',
    requestTimeoutMs: 5_000,
    maxInFlight: 1,
    now: Date.now,
  })
  const notifications = createNotifications({
    topics: [],
    queues: [],
    ...options,
    api: genesys.notifications,
    connect: createConnect({ timeoutMs: 5_000, allowPlain: true }),
    accept: createIntake({ inbox, rules: () => rules, totals }),
    log: log.logger,
    now: Date.now,
    monotonic: () => performance.now(),
    random: Math.random,
    timing: { ...genesysTiming, firstRetryMs: 20, slowestRetryMs: 200, stableMs: 50, ...options.timing },
  })
  t.after(async () => {
    await notifications.stop(5_000)
    genesys.close()
  })
  notifications.start()
  const status = () => notifications.status()
  const connected = (reconnects = 0) =>
    until('every channel is connected', () => {
      const { channels, connected, reconnects: again } = status()
      return channels > 0 && connected === channels && again >= reconnects
    })
  const accepted = (count: number) => until(`${count} events are stored`, () => totals.accepted >= count)
  return { simulator, inbox: real, totals, log, notifications, status, connected, accepted }
}

/** A snapshot of a conversation with one customer, as a queue topic sends it. */
export const snapshot = (index: number, topicName = queueTopic) => ({
  topicName,
  eventBody: {
    id: `conversation-${index}`,
    participants: [{ id: `participant-${index}`, purpose: 'customer', address: 'tel:+13175550100' }],
  },
})

/** The calls to the notifications API, as method, last path segment and status. */
export const channelCalls = (simulator: Simulator) =>
  simulator
    .calls()
    .filter(({ path }) => path.includes('/notifications/'))
    .map(({ method, path, status }) => `${method} ${path.split('/').at(-1)} ${status}`)
