import { backoff, type Random } from '../timing/backoff.ts'
import type { CallReports } from './call-reports.ts'
import { pause } from './pause.ts'
import type { Queue, QueueMessage } from './queue.ts'
import type { QueueLog, QueueState } from './status.ts'
import type { QueueTiming } from './timing.ts'

export interface BatchCallsDeps {
  readonly queue: Queue
  readonly visibilitySeconds: number
  readonly state: Pick<QueueState, 'deleted'>
  readonly reports: CallReports
  readonly log: QueueLog
  readonly random: Random
  readonly timing: QueueTiming
}

export type BatchCalls = ReturnType<typeof createBatchCalls>

/** After a few seconds without success, the messages may come again: they are duplicates then, and are deleted. */
const maxDeletions = 4

/** What SQS is to do with the messages of one receive. No promise rejects. `over`: the time for calls has ended. */
export function createBatchCalls(deps: BatchCallsDeps) {
  const { queue, visibilitySeconds, state, reports, log, random, timing } = deps
  const { firstRetryMs: firstMs, slowestRetryMs: slowestMs } = timing

  /** Returns the messages that may be deleted by another call; undefined if the call failed. */
  async function removeOnce(
    messages: readonly QueueMessage[],
    over: AbortSignal,
  ): Promise<readonly QueueMessage[] | undefined> {
    const call = 'DeleteMessageBatch'
    const value = reports.valueOf(call, await queue.remove(messages, over))
    if (value === undefined) return undefined
    const { retry, lost } = value
    const failed = retry.length + lost.length
    state.deleted(messages.length - failed)
    reports.noteFailedEntries(call, failed)
    return retry
  }

  async function setVisibility(messages: readonly QueueMessage[], seconds: number, over: AbortSignal) {
    const call = 'ChangeMessageVisibilityBatch'
    const value = reports.valueOf(call, await queue.changeVisibility(messages, seconds, over))
    if (value !== undefined) reports.noteFailedEntries(call, value.retry.length + value.lost.length)
  }

  return {
    /** Deletes stored messages. Returns false if some of them remain in the queue. */
    remove: async (messages: readonly QueueMessage[], over: AbortSignal): Promise<boolean> => {
      let remaining = messages
      for (let attempts = 1; attempts <= maxDeletions; attempts += 1) {
        remaining = (await removeOnce(remaining, over)) ?? remaining
        if (remaining.length === 0) return true
        if (over.aborted) break
        if (attempts < maxDeletions) await pause(backoff({ attempts, firstMs, slowestMs, random }), over)
      }
      log.warn(
        { code: 'sqs_unavailable', count: remaining.length },
        'messages not deleted, SQS sends them again',
      )
      return false
    },
    /** Keeps the messages away from other receives for another visibility timeout. */
    extend: (messages: readonly QueueMessage[], over: AbortSignal): Promise<void> =>
      setVisibility(messages, visibilitySeconds, over),
    /** Lets SQS deliver the messages again at once. */
    release: async (messages: readonly QueueMessage[], over: AbortSignal): Promise<void> => {
      await setVisibility(messages, 0, over)
      log.info({ count: messages.length }, 'messages released without being stored')
    },
  }
}
