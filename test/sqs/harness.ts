import type { TestContext } from 'node:test'
import type { Inbox } from '../../src/inbox/inbox.ts'
import { createIntake } from '../../src/ingest/intake.ts'
import { createTotals } from '../../src/metrics/totals.ts'
import type { QueueMessage } from '../../src/sqs/queue.ts'
import { createQueueSource, type QueueSourceDeps } from '../../src/sqs/sqs.ts'
import { type QueueTiming, sqsTiming } from '../../src/sqs/timing.ts'
import { canonicalItem } from '../helpers/events.ts'
import { openInbox } from '../helpers/ingest-server.ts'
import { captureLog } from '../helpers/log.ts'
import { setProcessVariables } from '../helpers/process-variables.ts'
import { oneRule, rulesOf } from '../helpers/rules.ts'
import { type SqsFault, type SqsStandIn, startSqs } from '../helpers/sqs.ts'
import type { StandInMessagesOptions } from '../helpers/sqs-messages.ts'
import { until } from '../helpers/wait.ts'

export interface TakeOptions
  extends Partial<Pick<QueueSourceDeps, 'polls' | 'visibilitySeconds' | 'maxBatch' | 'endpoint' | 'proxy'>> {
  readonly queue?: StandInMessagesOptions
  readonly timing?: Partial<QueueTiming>
  readonly maxPending?: number
  readonly monotonic?: () => number
  readonly now?: () => number
  /** Default: credentials that the stand-in accepts. */
  readonly aws?: Readonly<Record<string, string>>
  /** Wraps the inbox. */
  readonly wrapInbox?: (inbox: Inbox) => Inbox
  /** In force before the source starts. */
  readonly faults?: readonly SqsFault[]
  /** Runs before the source starts. */
  readonly prepare?: (queue: SqsStandIn) => void
}

/** A source that takes events from a stand-in, with a real inbox. Stops at the end of the test. */
export async function take(t: TestContext, options: TakeOptions = {}) {
  const { polls = 1, visibilitySeconds = 60, maxBatch = 500, now = Date.now } = options
  setProcessVariables(t, 'AWS_', options.aws ?? { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' })
  const queue = await startSqs(t, options.queue)
  for (const fault of options.faults ?? []) queue.addFault(fault)
  options.prepare?.(queue)
  const real = await openInbox(t, options.maxPending ?? 1_000_000, now)
  const inbox = options.wrapInbox?.(real) ?? real
  const totals = createTotals()
  const log = captureLog()
  const rules = rulesOf(oneRule('on: [conversation:created], set: { seen: true }'))
  const source = createQueueSource({
    queueUrl: queue.queueUrl,
    region: 'eu-central-1',
    endpoint: options.endpoint,
    proxy: options.proxy,
    polls,
    visibilitySeconds,
    maxBatch,
    accept: createIntake({ inbox, rules: () => rules, totals }),
    log: log.logger,
    now,
    monotonic: options.monotonic ?? (() => performance.now()),
    random: Math.random,
    timing: {
      ...sqsTiming,
      ...{ firstRetryMs: 10, slowestRetryMs: 50, firstStoreMs: 10, slowestStoreMs: 50 },
      ...options.timing,
    },
  })
  t.after(() => source.stop(5_000))
  source.start()
  const status = () => source.status()
  return {
    queue,
    inbox: real,
    totals,
    log,
    source,
    status,
    /** The messages of log lines with a level above info. */
    problems: () =>
      log
        .entries()
        .filter(({ level }) => level === 'warn' || level === 'error')
        .map(({ msg, code }) => `${msg} (${code})`),
    empty: () => until('the queue is empty', () => queue.all().length === 0),
    failing: (code: string) => until(`the failure is ${code}`, () => status().failure?.code === code),
    healthy: () => until('there is no failure', () => status().failure === undefined),
  }
}

/** The text of a message with one event, which a rule listens to. */
export const body = (index: number | string, changes: Record<string, unknown> = {}): string =>
  JSON.stringify(canonicalItem({ id: `event-${index}`, conversationId: `conversation-${index}`, ...changes }))

export const message = (index: number, changes: Partial<QueueMessage> = {}): QueueMessage => ({
  id: `message-${index}`,
  receiptHandle: `handle-${index}`,
  body: body(index),
  groupId: undefined,
  sentAt: undefined,
  receiveCount: 1,
  ...changes,
})
