import { Problem } from '../errors.ts'
import { readBody } from '../ingest/body.ts'
import type { Intake, IntakeResult } from '../ingest/intake.ts'
import type { QueueMessage } from './queue.ts'
import type { HoldCode, MessageResult, QueueLog } from './status.ts'

type Rejected = Extract<IntakeResult, { kind: 'stored' }>['rejected']

export type StoredMessage = { readonly message: QueueMessage } & (
  | {
      /** Everything valid in the message is durable. */
      readonly kind: 'stored'
      readonly result: Exclude<MessageResult, 'rejected'>
      /** The invalid items beside valid ones. */
      readonly rejected: Rejected
    }
  | { readonly kind: 'rejected'; readonly code: 'invalid_event'; readonly rejected: Rejected }
  | {
      readonly kind: 'rejected'
      readonly code: 'invalid_json' | 'batch_too_large' | 'internal_error'
      readonly rejected: []
    }
  /** The inbox takes nothing now. */
  | { readonly kind: 'refused'; readonly code: HoldCode; readonly error?: unknown }
)

export interface StoreMessagesDeps {
  readonly accept: Intake
  /** The most events in one message, as in one request of the webhook. */
  readonly maxBatch: number
  /** Messages of one group are stored one after the other, in order. */
  readonly isFifo: boolean
  readonly log: QueueLog
}

export type StoreMessages = (messages: readonly QueueMessage[]) => Promise<readonly StoredMessage[]>

/**
 * Passes messages to the intake, each as if it were the body of a webhook request. They are passed at once, so that one commit of
 * the inbox stores all of them. The promise never rejects.
 */
export function createStoreMessages({ accept, maxBatch, isFifo, log }: StoreMessagesDeps): StoreMessages {
  async function store(message: QueueMessage): Promise<StoredMessage> {
    try {
      const { items, read } = readBody(Buffer.from(message.body), {}, maxBatch)
      // The id of the message identifies an event without an id of its own: SQS may deliver the message twice.
      return outcomeOf(message, await accept(items, { webhookId: message.id, read, maxEvents: maxBatch }))
    } catch (error) {
      return { message, kind: 'rejected', code: codeOf(error, message), rejected: [] }
    }
  }

  function codeOf(error: unknown, { id }: QueueMessage) {
    if (error instanceof Problem) return error.code === 'batch_too_large' ? error.code : 'invalid_json'
    // A bug must not make the service hold this message, and receive no other one, for ever.
    log.error({ code: 'internal_error', messageId: id, err: error }, 'message not read')
    return 'internal_error'
  }

  function outcomeOf(message: QueueMessage, result: IntakeResult): StoredMessage {
    if (result.kind === 'too_many')
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

  async function storeInOrder(messages: readonly QueueMessage[]): Promise<readonly StoredMessage[]> {
    const outcomes: StoredMessage[] = []
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
