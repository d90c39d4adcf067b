import type { OutgoingProxy } from '../http/outgoing-proxy.ts'
import type { Intake } from '../ingest/intake.ts'
import { createRareLog } from '../log/rare-log.ts'
import { backoff, type Random } from '../timing/backoff.ts'
import { pause } from '../timing/pause.ts'
import { createBatchCalls } from './batch-calls.ts'
import { createCallReports } from './call-reports.ts'
import { runPoll } from './poll.ts'
import { openQueue } from './queue.ts'
import { isFifoQueue } from './queue-url.ts'
import { createRejections } from './rejections.ts'
import { createQueueState, type QueueLog, type QueueStatus } from './status.ts'
import { createStoreMessages } from './store-messages.ts'
import { type QueueTiming, sqsTiming } from './timing.ts'

/** An Amazon SQS queue as a source of events. */
export interface QueueSource {
  /** Starts to poll; failures are retried until they succeed. */
  start(): void
  status(): QueueStatus
  /** Ends the polls. Within `graceMs`, deletes the stored messages and releases the others; SQS delivers those again. Idempotent. */
  stop(graceMs: number): Promise<void>
}

export interface QueueSourceDeps {
  readonly queueUrl: string
  readonly region: string
  /** Undefined: the host of the queue URL. */
  readonly endpoint: string | undefined
  /** Receives at the same time. */
  readonly polls: number
  readonly visibilitySeconds: number
  /** The most events in one message. */
  readonly maxBatch: number
  readonly accept: Intake
  /** Undefined: direct connections. */
  readonly proxy?: OutgoingProxy | undefined
  readonly log: QueueLog
  /** Epoch ms. */
  readonly now: () => number
  /** Ms that never jump. */
  readonly monotonic: () => number
  readonly random: Random
  readonly timing?: QueueTiming
}

export function createQueueSource(deps: QueueSourceDeps): QueueSource {
  const { queueUrl, log, monotonic, random, timing = sqsTiming } = deps
  const stopping = new AbortController()
  const graceOver = new AbortController()
  const queue = openQueue({ ...deps, timing })
  const state = createQueueState(deps)
  const rarely = createRareLog({ monotonic })
  const reports = createCallReports({ state, log, rarely })
  const common = { ...deps, queue, state, reports, timing }
  const poll = {
    ...common,
    store: createStoreMessages({ ...deps, isFifo: isFifoQueue(queueUrl) }),
    calls: createBatchCalls(common),
    rejections: createRejections({ state, log, rarely }),
    stopping: stopping.signal,
    graceOver: graceOver.signal,
  }
  let running: Promise<unknown> | undefined
  let stopped: Promise<void> | undefined

  /** Warns about a queue without a dead-letter queue: messages that are not valid come again until they expire. */
  async function checkDeadLetterQueue(): Promise<void> {
    const { firstRetryMs: firstMs, slowestRetryMs: slowestMs } = timing
    for (let attempts = 1; !stopping.signal.aborted; attempts += 1) {
      const result = await queue.hasDeadLetterQueue(stopping.signal)
      if (result.kind === 'ok') {
        if (!result.value) log.warn({ code: 'sqs_no_dead_letter_queue' }, 'queue has no dead-letter queue')
        return
      }
      const { code, cause } = result.failure
      // The polls report every other failure.
      if (code === 'sqs_access_denied')
        return log.info({ code, cause }, 'dead-letter queue not checked: sqs:GetQueueAttributes is missing')
      await pause(backoff({ attempts, firstMs, slowestMs, random }), stopping.signal)
    }
  }

  async function stop(graceMs: number): Promise<void> {
    stopping.abort()
    const grace = new AbortController()
    const timeout = pause(graceMs, grace.signal).then(() => graceOver.abort())
    await running
    grace.abort()
    await timeout
    queue.close()
  }

  return {
    start: () => {
      if (stopped !== undefined || running !== undefined) return
      const polls = Array.from({ length: deps.polls }, () => runPoll(poll))
      running = Promise.all([checkDeadLetterQueue(), ...polls])
      log.info({ polls: deps.polls }, 'queue polls started')
    },
    status: state.status,
    stop: (graceMs) => {
      stopped ??= stop(graceMs)
      return stopped
    },
  }
}
