import { backoff, type Random } from '../timing/backoff.ts'
import { pause } from '../timing/pause.ts'
import type { BatchCalls } from './batch-calls.ts'
import type { CallReports } from './call-reports.ts'
import type { Queue, QueueMessage } from './queue.ts'
import type { createRejections } from './rejections.ts'
import type { QueueLog, QueueState } from './status.ts'
import type { MessageOutcome, StoreMessages } from './store-messages.ts'
import type { QueueTiming } from './timing.ts'

export interface PollDeps {
  readonly queue: Pick<Queue, 'receive'>
  readonly store: StoreMessages
  readonly calls: BatchCalls
  readonly state: QueueState
  readonly reports: CallReports
  readonly rejections: ReturnType<typeof createRejections>
  readonly visibilitySeconds: number
  readonly log: QueueLog
  /** Epoch ms. */
  readonly now: () => number
  /** Ms that never jump. */
  readonly monotonic: () => number
  readonly random: Random
  readonly timing: QueueTiming
  /** Aborts receives and waits. */
  readonly stopping: AbortSignal
  /** Aborts all other calls: the time for the stop has passed. */
  readonly graceOver: AbortSignal
}

/** Receives messages, stores them and deletes them, one batch after the other, until `stopping` aborts. Never rejects. */
export async function runPoll(deps: PollDeps): Promise<void> {
  const { state, timing, random, stopping } = deps
  const { firstRetryMs: firstMs, slowestRetryMs: slowestMs } = timing
  let failures = 0
  while (!stopping.aborted) {
    if (state.isHolding()) await pause(timing.firstStoreMs, stopping)
    else if (await pollOnce(deps)) failures = 0
    else {
      failures += 1
      await pause(backoff({ attempts: failures, firstMs, slowestMs, random }), stopping)
    }
  }
}

/** Returns whether the calls to SQS succeeded. */
async function pollOnce(deps: PollDeps): Promise<boolean> {
  const { queue, state, reports, log, now, stopping } = deps
  state.receiveStarted()
  const result = await queue.receive(stopping)
  state.receiveEnded()
  if (result.kind === 'failed' && stopping.aborted) return true
  reports.noteResult('ReceiveMessage', result)
  if (result.kind === 'failed') return false
  const messages = result.value
  state.received(messages.map(({ sentAt = now() }) => sentAt))
  if (state.endOldDeletionFailure()) log.info({}, 'messages not deleted did not come again')
  return messages.length === 0 || settle(messages, deps)
}

/**
 * Stores the messages and deletes them. While the inbox takes none, it keeps the remaining ones and extends their visibility
 * timeout. Releasing them would be simpler, but each release counts as a receive: in a long outage, SQS would move good messages to
 * the dead-letter queue. Returns whether all stored ones were deleted.
 */
async function settle(received: readonly QueueMessage[], deps: PollDeps): Promise<boolean> {
  const { store, calls, state, log, now, monotonic, random, timing, stopping, graceOver } = deps
  const { firstStoreMs: firstMs, slowestStoreMs: slowestMs } = timing
  const extensionMs = (deps.visibilitySeconds * 1_000) / 2
  const owner = {}
  let extendAt = monotonic() + extensionMs
  let waiting = received
  let allDeleted = true
  for (let attempts = 1; ; attempts += 1) {
    const outcomes = await store(waiting)
    allDeleted = (await finish(outcomes, deps)) && allDeleted
    const refused = outcomes.filter((outcome) => outcome.kind === 'refused')
    const [first] = refused
    if (first === undefined) break
    waiting = refused.map(({ message }) => message)
    if (stopping.aborted) {
      await calls.release(waiting, graceOver)
      break
    }
    const { code, error } = first
    if (!state.isHolding())
      log.error({ code, ...(error !== undefined && { err: error }) }, 'messages not stored, holding them')
    const sentAt = Math.min(...waiting.map((message) => message.sentAt ?? now()))
    state.hold(owner, { code, held: waiting.length, sentAt })
    if (monotonic() >= extendAt && (await calls.extend(waiting, graceOver)))
      extendAt = monotonic() + extensionMs
    await pause(backoff({ attempts, firstMs, slowestMs, random }), stopping)
  }
  if (state.unhold(owner) && !stopping.aborted) log.info({}, 'messages stored again')
  return allDeleted
}

/** Counts the results and deletes the stored messages. Rejected ones stay: the queue moves them to its dead-letter queue. */
async function finish(
  outcomes: readonly MessageOutcome[],
  { state, rejections, calls, graceOver }: PollDeps,
): Promise<boolean> {
  const stored: QueueMessage[] = []
  for (const outcome of outcomes) {
    if (outcome.kind === 'refused') continue
    state.settled(outcome.kind === 'stored' ? outcome.result : 'rejected')
    rejections.note(outcome)
    if (outcome.kind === 'stored') stored.push(outcome.message)
  }
  return stored.length === 0 || calls.remove(stored, graceOver)
}
