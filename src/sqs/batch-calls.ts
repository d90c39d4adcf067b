import { backoff, type Random } from '../timing/backoff.ts'
import { pause } from '../timing/pause.ts'
import type { CallReports } from './call-reports.ts'
import type { QueueFailureCode } from './failures.ts'
import type { Queue, QueueMessage } from './queue.ts'
import type { QueueLog, QueueState } from './status.ts'
import type { QueueTiming } from './timing.ts'

export interface BatchCallsDeps {
  readonly queue: Pick<Queue, 'remove' | 'changeVisibility'>
  readonly visibilitySeconds: number
  readonly state: Pick<QueueState, 'deleted'>
  readonly reports: CallReports
  readonly log: QueueLog
  readonly random: Random
  readonly timing: QueueTiming
}

export type BatchCalls = ReturnType<typeof createBatchCalls>

/** What a call did not do. `retry`: it may succeed later. `lost`: never, because the delivery of these messages has ended. */
interface Remainder {
  readonly retry: readonly QueueMessage[]
  readonly lost: readonly QueueMessage[]
  /** Of the first message that remains. */
  readonly code: QueueFailureCode
}

/** After a few seconds without success, the messages may come again: they are duplicates then, and are deleted. */
const maxDeletions = 4

/** Deletes, keeps or releases the messages of one receive. No promise rejects. `graceOver` ends the calls. */
export function createBatchCalls(deps: BatchCallsDeps) {
  const { queue, visibilitySeconds, state, reports, log, random, timing } = deps
  const { firstRetryMs: firstMs, slowestRetryMs: slowestMs } = timing

  async function removeOnce(messages: readonly QueueMessage[], graceOver: AbortSignal): Promise<Remainder> {
    const call = 'DeleteMessageBatch'
    const result = await queue.remove(messages, graceOver)
    reports.noteResult(call, result)
    if (result.kind === 'failed') return { retry: messages, lost: [], code: result.failure.code }
    const { retry, lost } = result.value
    const failed = retry.length + lost.length
    state.deleted(messages.length - failed)
    reports.noteFailedEntries(call, failed)
    return { retry, lost, code: 'sqs_unavailable' }
  }

  async function setVisibility(
    messages: readonly QueueMessage[],
    seconds: number,
    graceOver: AbortSignal,
  ): Promise<Remainder> {
    const call = 'ChangeMessageVisibilityBatch'
    const result = await queue.changeVisibility(messages, seconds, graceOver)
    reports.noteResult(call, result)
    if (result.kind === 'failed') return { retry: messages, lost: [], code: result.failure.code }
    const { retry, lost } = result.value
    reports.noteFailedEntries(call, retry.length + lost.length)
    return { retry, lost, code: 'sqs_unavailable' }
  }

  return {
    /** Deletes stored messages; repeats a failed deletion a few times. Returns whether all are deleted. */
    remove: async (messages: readonly QueueMessage[], graceOver: AbortSignal): Promise<boolean> => {
      let { retry, lost, code } = await removeOnce(messages, graceOver)
      for (
        let attempts = 1;
        retry.length > 0 && attempts < maxDeletions && !graceOver.aborted;
        attempts += 1
      ) {
        await pause(backoff({ attempts, firstMs, slowestMs, random }), graceOver)
        const remainder = await removeOnce(retry, graceOver)
        lost = [...lost, ...remainder.lost]
        retry = remainder.retry
        code = remainder.code
      }
      const count = retry.length + lost.length
      if (count > 0) log.warn({ code, count }, 'stored messages not deleted, SQS sends them again')
      return count === 0
    },
    /**
     * Keeps the messages away from other receives for another visibility timeout. Returns false if a repetition may succeed for some
     * of them.
     */
    extend: async (messages: readonly QueueMessage[], graceOver: AbortSignal): Promise<boolean> =>
      (await setVisibility(messages, visibilitySeconds, graceOver)).retry.length === 0,
    /** Makes SQS deliver the messages again at once; if that fails, it delivers them after their visibility timeout. */
    release: async (messages: readonly QueueMessage[], graceOver: AbortSignal): Promise<void> => {
      const { retry, lost, code } = await setVisibility(messages, 0, graceOver)
      const kept = retry.length + lost.length
      const released = messages.length - kept
      if (released > 0) log.info({ count: released }, 'messages not stored, released for another receive')
      if (kept > 0)
        log.warn({ code, count: kept }, 'messages neither stored nor released, SQS sends them again')
    },
  }
}
