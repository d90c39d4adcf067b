import { createHash, randomUUID } from 'node:crypto'

/** A message as the stand-in for Amazon SQS keeps it. */
export interface StandInMessage {
  readonly id: string
  readonly body: string
  readonly groupId: string | undefined
  readonly sentAt: number
  receiveCount: number
  receiptHandle: string | undefined
  /** Epoch ms from which a receive returns it. */
  visibleAt: number
}

export interface StandInMessagesOptions {
  /** Messages of one group are received in order, and only if none of them is in flight. */
  readonly isFifo?: boolean
  /** After so many receives, a message goes to the dead-letter queue. Default: none. */
  readonly maxReceiveCount?: number | undefined
  readonly now?: () => number
}

export type ChangeError = 'MessageNotInflight'

/** The messages of a queue: visibility timeouts, receive counts, groups and the dead-letter queue, as SQS documents them. */
export function createMessages({
  isFifo = false,
  maxReceiveCount = Number.POSITIVE_INFINITY,
  now = Date.now,
}: StandInMessagesOptions) {
  let messages: StandInMessage[] = []
  const deadLetters: StandInMessage[] = []
  const isInFlight = ({ visibleAt }: StandInMessage) => visibleAt > now()

  function moveToDeadLetters(): void {
    const spent = messages.filter(
      (message) => !isInFlight(message) && message.receiveCount >= maxReceiveCount,
    )
    deadLetters.push(...spent)
    messages = messages.filter((message) => !spent.includes(message))
  }

  const find = (receiptHandle: string) => messages.find((message) => message.receiptHandle === receiptHandle)

  return {
    all: (): readonly StandInMessage[] => messages,
    inFlight: (): readonly StandInMessage[] => messages.filter(isInFlight),
    deadLetters: (): readonly StandInMessage[] => deadLetters,
    send: (body: string, { groupId, sentAt = now() }: { groupId?: string; sentAt?: number } = {}): string => {
      const id = randomUUID()
      const fresh = { receiveCount: 0, receiptHandle: undefined, visibleAt: 0 }
      messages.push({ id, body, groupId, sentAt, ...fresh })
      return id
    },
    receive: (max: number, visibilityMs: number): readonly StandInMessage[] => {
      moveToDeadLetters()
      const busy = new Set(isFifo ? messages.filter(isInFlight).map(({ groupId }) => groupId) : [])
      const taken = messages
        .filter((message) => !isInFlight(message) && (!isFifo || !busy.has(message.groupId)))
        .slice(0, max)
      for (const message of taken) {
        message.receiveCount += 1
        message.receiptHandle = randomUUID()
        message.visibleAt = now() + visibilityMs
      }
      return taken
    },
    /** SQS reports no error for a message that is deleted already, or was received again since. */
    remove: (receiptHandle: string): void => {
      const found = find(receiptHandle)
      messages = messages.filter((message) => message !== found)
    },
    changeVisibility: (receiptHandle: string, ms: number): ChangeError | undefined => {
      const found = find(receiptHandle)
      if (found === undefined || !isInFlight(found)) return 'MessageNotInflight'
      found.visibleAt = ms === 0 ? 0 : now() + ms
      return undefined
    },
    /** Ends all visibility timeouts, as if the time had passed. */
    lapse: (): void => {
      for (const message of messages) message.visibleAt = 0
    },
  }
}

/** The message as `ReceiveMessage` answers it. */
export const describe = (message: StandInMessage) => ({
  MessageId: message.id,
  ReceiptHandle: message.receiptHandle,
  Body: message.body,
  MD5OfBody: createHash('md5').update(message.body).digest('hex'),
  Attributes: {
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ...(message.groupId !== undefined && { MessageGroupId: message.groupId }),
  },
})
