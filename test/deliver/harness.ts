import type { TestContext } from 'node:test'
import type { AttemptDeps, DeliveryReport } from '../../src/deliver/attempt.ts'
import { createConversations } from '../../src/deliver/conversations.ts'
import { createDispatcher, type Dispatcher, type DispatcherDeps } from '../../src/deliver/dispatcher.ts'
import { createLimiter, type Limiter } from '../../src/deliver/limiter.ts'
import { createRateBudget, type RateBudgetOptions } from '../../src/deliver/rate-budget.ts'
import { createGenesys } from '../../src/genesys/genesys.ts'
import type { Inbox, NewEvent, Outcome } from '../../src/inbox/inbox.ts'
import { openSqliteInbox } from '../../src/inbox/sqlite/sqlite.ts'
import type { RuleSet } from '../../src/rules/evaluate.ts'
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts'
import { newEvent } from '../helpers/conversation-events.ts'
import { settingRules } from '../helpers/rules.ts'
import { inboxFile } from '../inbox/sqlite/harness.ts'
import { until } from '../simulator/harness.ts'

export interface DeliveryOptions
  extends Partial<
    Pick<DispatcherDeps, 'maxInFlight' | 'eventMaxAgeMs' | 'leaseMs' | 'watchdogMs' | 'dryRun' | 'tracer'>
  > {
  readonly simulator?: SimulatorOptions
  readonly requestTimeoutMs?: number
  readonly budget?: Partial<RateBudgetOptions>
  /** Replaces the clock for all parts except the simulator. */
  readonly clock?: (now: () => number) => () => number
  /** Default: each event sets its attributes. */
  readonly rules?: RuleSet
  readonly clientSecret?: string
  /** Wraps the inbox, the API calls or the limiter. */
  readonly inbox?: (inbox: Inbox) => Inbox
  readonly limiter?: (limiter: Limiter) => Limiter
  readonly call?: (call: AttemptDeps['patchAttributes']) => AttemptDeps['patchAttributes']
}

export interface Delivery {
  readonly simulator: Simulator
  readonly inbox: Inbox
  readonly dispatcher: Dispatcher
  readonly reports: readonly DeliveryReport[]
  /** Codes and messages of the log. */
  readonly log: readonly (string | undefined)[]
  now(): number
  /** Advances the clock without running any timer. */
  jump(ms: number): void
  /** Advances the clock and makes the dispatcher check it. */
  advance(ms: number): void
  /** Stops the clock except for `jump` and `advance`, until the returned function is called. */
  haltClock(): () => void
  accept(...events: NewEvent[]): Promise<void>
  /** Waits until that many events have an outcome. Returns the outcomes by identity. */
  settled(count: number): Promise<Record<string, string>>
  /** PATCHes in the order of their completion. */
  patches(): ReturnType<Simulator['calls']>
  attributesOf(participantId: string): Record<string, string> | undefined
}

/** An event whose rules set the given attributes. */
export const setting = (
  identity: string,
  attributes: Record<string, string>,
  fields: Parameters<typeof newEvent>[1] = {},
): NewEvent => newEvent(identity, { ...fields, attributes })

/**
 * The delivery of the service with a real inbox, limiter and HTTP, and the simulator as Genesys Cloud. Jitter is at its
 * minimum. Participants `p0` to `p29` of conversation `c1` exist.
 */
export async function setUp(t: TestContext, options: DeliveryOptions = {}): Promise<Delivery> {
  const { maxInFlight = 10, eventMaxAgeMs = 86_400_000, leaseMs = 60_000, requestTimeoutMs = 5_000 } = options
  const releases: (() => unknown)[] = []
  t.after(async () => {
    for (const release of releases.reverse()) await release()
  })
  let aheadMs = 0
  let haltedAt: number | undefined
  const simulatorNow = () => (haltedAt ?? Date.now()) + aheadMs
  const now = options.clock?.(simulatorNow) ?? simulatorNow
  const jump = (ms: number) => {
    aheadMs += ms
  }
  const simulator = await startSimulator({ now: simulatorNow, windowPhaseMs: 0, ...options.simulator })
  releases.push(() => simulator.close())
  const participants = Array.from({ length: 30 }, (_, n) => ({ id: `p${n}`, purpose: 'customer' }))
  simulator.createConversation({ id: 'c1', participants })

  const opened = openSqliteInbox({ file: await inboxFile(t), maxPending: 100_000, now })
  releases.push(() => opened.close())
  const listeners = new Set<() => void>()
  const changed = options.inbox?.(opened) ?? opened
  const inbox: Inbox = {
    ...changed,
    onWork: (listener) => {
      listeners.add(listener)
      return changed.onWork(listener)
    },
  }

  const genesys = createGenesys({
    apiUrl: simulator.url,
    loginUrl: simulator.url,
    clientId: 'demo',
    clientSecret: options.clientSecret ?? 'demo',
    profile: 'platform',
    requestTimeoutMs,
    maxInFlight,
    now,
  })
  releases.push(genesys.close)
  const reports: DeliveryReport[] = []
  const log: (string | undefined)[] = []
  const write = ({ code }: Readonly<Record<string, unknown>>, message: string) =>
    log.push(typeof code === 'string' ? code : message)
  const random = () => 0
  const limiter = createLimiter({
    budget: createRateBudget({ rateLimit: 300, rateWindowMs: 60_000, rateShare: 1, ...options.budget }),
    maxInFlight,
    now,
  })
  // The dispatcher usually stopped it already. Its timers must not outlive the test.
  releases.push(() => limiter.stop().catch(() => undefined))
  const dispatcher = createDispatcher({
    inbox,
    rules: () => options.rules ?? settingRules,
    conversations: createConversations({ readParticipants: genesys.readParticipants, now }),
    patchAttributes: options.call?.(genesys.patchAttributes) ?? genesys.patchAttributes,
    limiter: options.limiter?.(limiter) ?? limiter,
    ...(options.watchdogMs !== undefined && { watchdogMs: options.watchdogMs }),
    dryRun: options.dryRun ?? false,
    tracer: options.tracer,
    report: (report) => reports.push(report),
    log: { warn: write, error: write },
    maxInFlight,
    eventMaxAgeMs,
    leaseMs,
    defaultPauseMs: 60_000,
    abort: genesys.close,
    now,
    random,
  })
  releases.push(() => dispatcher.stop(0))

  const outcomes = (): [string, Outcome][] =>
    reports.flatMap(({ claim, outcomes }) =>
      outcomes.map((outcome): [string, Outcome] => {
        const event = claim.events.find(({ sequence }) => sequence === outcome.sequence)
        return [event?.event.identity ?? 'unknown', outcome]
      }),
    )
  return {
    simulator,
    inbox,
    dispatcher,
    reports,
    log,
    now,
    jump,
    advance: (ms) => {
      jump(ms)
      for (const listener of listeners) listener()
    },
    haltClock: () => {
      haltedAt = Date.now()
      return () => {
        haltedAt = undefined
      }
    },
    accept: async (...events) => {
      await opened.append(events)
    },
    settled: async (count) => {
      await until(() => outcomes().length >= count)
      return Object.fromEntries(outcomes().map(([identity, { state, code }]) => [identity, code ?? state]))
    },
    patches: () => simulator.calls().filter(({ method }) => method === 'PATCH'),
    attributesOf: (participantId) =>
      simulator.conversation('c1')?.participants.find(({ id }) => id === participantId)?.attributes,
  }
}

/** A reaction within this time was not caused by the dispatcher's poll, which runs every 5 s. */
export const slowPollMs = 4_900

/** Blocks calls after the first `free` ones until `release`, which also unblocks later calls. */
export function holdCalls(free = 0) {
  const gate = Promise.withResolvers<void>()
  const held = { arrived: 0, underWay: 0, mostUnderWay: 0, release: () => gate.resolve() }
  let calls = 0
  const call: NonNullable<DeliveryOptions['call']> = (patchAttributes) => async (target, attributes) => {
    calls += 1
    held.underWay += 1
    held.mostUnderWay = Math.max(held.mostUnderWay, held.underWay)
    if (calls > free) {
      held.arrived += 1
      await gate.promise
    }
    const answer = await patchAttributes(target, attributes)
    held.underWay -= 1
    return answer
  }
  return { held, call }
}
