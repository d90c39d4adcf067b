import { Problem } from '../errors.ts'
import { isStoreFailure } from '../inbox/store-failure.ts'
import { readBody } from '../ingest/body.ts'
import type { Intake, IntakeResult } from '../ingest/intake.ts'
import type { RejectedItems } from '../ingest/rejected-items.ts'
import type { QueueMessage } from './queue.ts'
import type { HoldCode, MessageResult, QueueLog } from './status.ts'

export type MessageOutcome = { readonly message: QueueMessage } & (
  | {
      /** Everything valid in the message is durable. */
      readonly kind: 'stored'
      readonly result: Exclude<MessageResult, 'rejected'>
      /** The invalid items beside valid ones. */
      readonly rejected: RejectedItems
    }
  | { readonly kind: 'rejected'; readonly code: 'invalid_event'; readonly rejected: RejectedItems }
  | {
      readonly kind: 'rejected'
      readonly code: 'invalid_json' | 'batch_too_large' | 'payload_too_large' | 'internal_error'
      readonly rejected: []
    }
  /** The inbox takes nothing now. */
  | { readonly kind: 'refused'; readonly code: HoldCode; readonly error?: unknown }
)

/** An unexpected error: a bug, or one that the message causes. */
interface Unexpected {
  readonly kind: 'unexpected'
  readonly error: unknown
}

export interface StoreMessagesDeps {
  readonly accept: Intake
  /** The most events in one message, as in one request of the webhook. */
  readonly maxBatch: number
  /** Messages of one group are stored one after the other, in order. */
  readonly isFifo: boolean
  readonly log: QueueLog
}

export type StoreMessages = (messages: readonly QueueMessage[]) => Promise<readonly MessageOutcome[]>

/**
 * Passes messages to the intake, each as if it were the body of a webhook request. They are passed at once, so that one commit of
 * the inbox stores all of them. The promise never rejects.
 */
export function createStoreMessages({ accept, maxBatch, isFifo, log }: StoreMessagesDeps): StoreMessages {
  async function attempt(message: QueueMessage): Promise<MessageOutcome | Unexpected> {
    try {
      const { items, read } = readBody(Buffer.from(message.body), {}, maxBatch)
      // The id of the message identifies an event without an id of its own: SQS may deliver the message twice.
      const result = await accept(items, { webhookId: message.id, read, maxEvents: maxBatch })
      if (result.kind === 'failed' && !isStoreFailure(result.error))
        return { kind: 'unexpected', error: result.error }
      return outcomeOf(message, result)
    } catch (error) {
      if (!(error instanceof Problem)) return { kind: 'unexpected', error }
      const code = error.code === 'batch_too_large' ? error.code : 'invalid_json'
      return { message, kind: 'rejected', code, rejected: [] }
    }
  }

  /** Rejects the message if that fails again: otherwise the service would hold it, and receive no other one, for ever. */
  async function storeAgain(message: QueueMessage): Promise<MessageOutcome> {
    const outcome = await attempt(message)
    if (outcome.kind !== 'unexpected') return outcome
    log.error(
      { code: 'internal_error', messageId: message.id, err: outcome.error },
      'message not read or stored',
    )
    return { message, kind: 'rejected', code: 'internal_error', rejected: [] }
  }

  let lastRepeated: Promise<unknown> = Promise.resolve()
  async function store(message: QueueMessage): Promise<MessageOutcome> {
    const outcome = await attempt(message)
    if (outcome.kind !== 'unexpected') return outcome
    // The error may come from another message, because it fails the whole commit. So each message is stored again, one after the other.
    const repeated = lastRepeated.then(() => storeAgain(message))
    lastRepeated = repeated
    return repeated
  }

  function outcomeOf(message: QueueMessage, result: IntakeResult): MessageOutcome {
    if (result.kind === 'too_large')
      return { message, kind: 'rejected', code: 'payload_too_large', rejected: [] }
    if (result.kind === 'too_many' || (result.kind === 'full' && result.neverFits === true))
      return { message, kind: 'rejected', code: 'batch_too_large', rejected: [] }
    if (result.kind === 'full') return { message, kind: 'refused', code: 'inbox_full' }
    if (result.kind === 'failed')
      return { message, kind: 'refused', code: 'store_unavailable', error: result.error }
    const { accepted, duplicates, ignored, rejected, deadLetters } = result
    if (deadLetters !== undefined)
      log.warn({ events: deadLetters }, 'duplicates of dead letters, not delivered again')
    if (accepted + duplicates + ignored === 0 && rejected.length > 0)
      return { message, kind: 'rejected', code: 'invalid_event', rejected }
    const stored = accepted > 0 ? 'accepted' : duplicates > 0 ? 'duplicate' : 'ignored'
    return { message, kind: 'stored', result: stored, rejected }
  }

  /**
   * A rejected message does not hold up the ones behind it: it would stop a group until it is in the dead-letter queue, and the time of an
   * event decides which value is later, not the order in the queue.
   */
  async function storeInOrder(messages: readonly QueueMessage[]): Promise<readonly MessageOutcome[]> {
    const outcomes: MessageOutcome[] = []
    for (const message of messages) {
      const last = outcomes.at(-1)
      // After a refused message, a smaller one might fit, and would overtake it.
      outcomes.push(last?.kind === 'refused' ? { ...last, message } : await store(message))
    }
    return outcomes
  }

  return async (messages) => {
    if (!isFifo) return Promise.all(messages.map(store))
    const groups = Map.groupBy(messages, ({ groupId }) => groupId)
    return (await Promise.all([...groups.values()].map(storeInOrder))).flat()
  }
}
