import type { Log } from '../log/log.ts'
import type { QueueFailure, QueueFailureCode } from './failures.ts'

/** The part of a logger that this folder uses. */
export type QueueLog = Log<'info' | 'warn' | 'error'>

/** What became of a delivered message. `rejected`: it has no valid event. The others are deleted. */
export type MessageResult = 'accepted' | 'duplicate' | 'ignored' | 'rejected'

/** Why the inbox takes no message now. */
export type HoldCode = 'inbox_full' | 'store_unavailable'

/** A call to SQS that is reported, as its API names it. */
export type QueueCall = 'ReceiveMessage' | 'DeleteMessageBatch' | 'ChangeMessageVisibilityBatch'

export interface RejectedMessage {
  /** Epoch ms. */
  readonly at: number
  readonly messageId: string
  readonly code: 'invalid_json' | 'batch_too_large' | 'payload_too_large' | 'invalid_event' | 'internal_error'
  /** Where in the message; empty if the whole message is not valid. */
  readonly path: string
}

/** The state of the source. Counts are since the start. */
export interface QueueStatus {
  /** Receives that wait for an answer now. */
  readonly receiving: number
  /** Messages that wait in memory until the inbox takes them. */
  readonly held: number
  /** Epoch ms of the last receive that SQS answered. */
  readonly lastReceiveAt: number | undefined
  /** Age of the oldest message in the last answer, or of the oldest held one, in ms; 0: there was none. */
  readonly oldestMessageMs: number
  readonly received: number
  readonly results: Readonly<Record<MessageResult, number>>
  readonly deleted: number
  /** Failed calls, and messages of a batch that SQS did not delete or change. */
  readonly failures: Readonly<Record<QueueFailureCode, number>>
  readonly lastRejected: RejectedMessage | undefined
  /** Why messages are not received, stored or deleted now. `cause` holds no text of AWS, because anyone may read it. */
  readonly failure: { readonly code: QueueFailureCode | HoldCode; readonly cause: string } | undefined
}

export type QueueState = ReturnType<typeof createQueueState>

/** Counted in visibility timeouts. SQS delivers a message that it has not deleted after one of them, unless many others wait. */
const deletionFailureAge = 2

interface QueueStateOptions {
  /** Epoch ms. */
  readonly now: () => number
  readonly visibilitySeconds: number
}

/** The counts and the current failures, which all polls share. */
export function createQueueState({ now, visibilitySeconds }: QueueStateOptions) {
  const results: Record<MessageResult, number> = { accepted: 0, duplicate: 0, ignored: 0, rejected: 0 }
  const failures: Record<QueueFailureCode, number> = {
    sqs_unavailable: 0,
    sqs_access_denied: 0,
    sqs_credentials_refused: 0,
    sqs_queue_not_found: 0,
  }
  const deletionFailureMs = deletionFailureAge * visibilitySeconds * 1_000
  const current = new Map<QueueCall, QueueFailure & { readonly at: number }>()
  const holds = new Map<object, { readonly code: HoldCode; readonly held: number; readonly sentAt: number }>()
  let receiving = 0
  let received = 0
  let deleted = 0
  let lastReceiveAt: number | undefined
  let oldestAtReceiveMs = 0
  let lastRejected: RejectedMessage | undefined

  function oldestMessageMs(): number {
    const sent = [...holds.values()].map(({ sentAt }) => sentAt)
    return sent.length > 0 ? Math.max(0, now() - Math.min(...sent)) : oldestAtReceiveMs
  }

  function failure(): QueueStatus['failure'] {
    const [hold] = holds.values()
    if (hold !== undefined) return { code: hold.code, cause: 'messages wait for the inbox' }
    const [first] = current
    return first && { code: first[1].code, cause: `${first[0]}: ${first[1].cause}` }
  }

  return {
    receiveStarted: (): void => {
      receiving += 1
    },
    receiveEnded: (): void => {
      receiving -= 1
    },
    /** SQS answered a receive. `sentAt`: of each message. */
    received: (sentAt: readonly number[]): void => {
      received += sentAt.length
      lastReceiveAt = now()
      oldestAtReceiveMs = sentAt.length === 0 ? 0 : Math.max(0, lastReceiveAt - Math.min(...sentAt))
    },
    settled: (result: MessageResult): void => {
      results[result] += 1
    },
    rejected: (message: Omit<RejectedMessage, 'at'>): void => {
      lastRejected = { ...message, at: now() }
    },
    deleted: (messages: number): void => {
      deleted += messages
    },
    /** The failure is the current one until the same call succeeds, or `endOldDeletionFailure` ends it. */
    failed: (call: QueueCall, failure: QueueFailure): void => {
      failures[failure.code] += 1
      // Visibility is changed only while messages are held, which is a failure itself; nothing would end this one afterwards.
      if (call !== 'ChangeMessageVisibilityBatch') current.set(call, { ...failure, at: now() })
    },
    entriesFailed: (entries: number): void => {
      failures.sqs_unavailable += entries
    },
    /** Ends the failure of this call. Returns whether there was one. */
    succeeded: (call: QueueCall): boolean => current.delete(call),
    /**
     * Call it after a receive. Ends a failure of the last deletion if its messages should have come again since: SQS has deleted them, and
     * only the answer was lost, or their queue is gone. Without new messages, no other deletion would end it. Returns whether it did.
     */
    endOldDeletionFailure: (): boolean => {
      const failed = current.get('DeleteMessageBatch')
      return (
        failed !== undefined && now() - failed.at >= deletionFailureMs && current.delete('DeleteMessageBatch')
      )
    },
    /** A batch waits for the inbox. `owner`: identifies the batch. */
    hold: (
      owner: object,
      hold: { readonly code: HoldCode; readonly held: number; readonly sentAt: number },
    ) => void holds.set(owner, hold),
    /** The batch no longer waits. Returns whether it was the last one that did. */
    unhold: (owner: object): boolean => holds.delete(owner) && holds.size === 0,
    isHolding: (): boolean => holds.size > 0,
    status: (): QueueStatus => ({
      receiving,
      held: [...holds.values()].reduce((sum, { held }) => sum + held, 0),
      lastReceiveAt,
      oldestMessageMs: oldestMessageMs(),
      received,
      results: { ...results },
      deleted,
      failures: { ...failures },
      lastRejected,
      failure: failure(),
    }),
  }
}
