import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import type { OutgoingProxy } from '../http/outgoing-proxy.ts'
import { classifyFailure, type QueueFailure } from './failures.ts'

export interface QueueMessage {
  /** Given by SQS when the message was sent; each redelivery has the same one. */
  readonly id: string
  /** Identifies this delivery of the message. */
  readonly receiptHandle: string
  readonly body: string
  /** Only messages of one group have an order. Undefined: the message has no group. */
  readonly groupId: string | undefined
  /** Epoch ms, from the clock of SQS. */
  readonly sentAt: number | undefined
  /** How often SQS has delivered the message, with this time. */
  readonly receiveCount: number | undefined
}

export type QueueResult<Value> =
  | { readonly kind: 'ok'; readonly value: Value }
  | { readonly kind: 'failed'; readonly failure: QueueFailure }

/** What SQS did not do for some messages of a batch. */
export interface BatchResult {
  /** The call may succeed later. */
  readonly retry: readonly QueueMessage[]
  /** It never will, because the delivery of the message is over. SQS delivers it again. */
  readonly lost: readonly QueueMessage[]
}

/** An SQS queue. No promise rejects, and no call is repeated. */
export interface Queue {
  /** Waits until there is a message, at most as long as one long poll. At most `maxMessages`. */
  receive(signal: AbortSignal): Promise<QueueResult<readonly QueueMessage[]>>
  /** Takes at most `maxMessages`, like `changeVisibility`. */
  remove(messages: readonly QueueMessage[], signal: AbortSignal): Promise<QueueResult<BatchResult>>
  /** SQS delivers the messages again after so many seconds from now, if they are still there. */
  changeVisibility(
    messages: readonly QueueMessage[],
    seconds: number,
    signal: AbortSignal,
  ): Promise<QueueResult<BatchResult>>
  /** Whether SQS moves messages that are received too often to another queue. */
  hasDeadLetterQueue(signal: AbortSignal): Promise<QueueResult<boolean>>
  close(): void
}

export interface QueueOptions {
  readonly queueUrl: string
  readonly region: string
  /** Undefined: the host of the queue URL. */
  readonly endpoint: string | undefined
  readonly visibilitySeconds: number
  /** The length of a long poll. */
  readonly waitSeconds: number
  /** Undefined: direct connections. */
  readonly proxy?: Pick<OutgoingProxy, 'createRoutes'> | undefined
}

/** The limit of SQS for one call. */
export const maxMessages = 10

const connectionTimeoutMs = 5_000
const requestTimeoutMs = 10_000

/** More than all polls need at the same time. */
const maxSockets = 50

/** The SDK would write to the console, with the URL of the queue. */
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} }

/** The SDK finds the credentials itself: environment, shared files, container, instance or web identity. */
export function openQueue(options: QueueOptions): Queue {
  const { queueUrl: QueueUrl, region, endpoint, visibilitySeconds, waitSeconds } = options
  const routes = options.proxy?.createRoutes({ timeoutMs: connectionTimeoutMs, maxSockets })
  // Calls over plain HTTP, which stay in a private network, have no tunnel.
  const httpsAgent = routes?.of(endpoint ?? QueueUrl)?.config.httpsAgent
  const client = new SQSClient({
    region,
    ...(endpoint !== undefined && { endpoint }),
    maxAttempts: 1, // the callers retry, and must know how often
    logger: silent,
    requestHandler: {
      connectionTimeout: connectionTimeoutMs,
      throwOnRequestTimeout: true,
      ...(httpsAgent !== undefined && { httpsAgent }),
    },
  })
  const timing = (abortSignal: AbortSignal, timeoutMs = requestTimeoutMs) => ({
    abortSignal,
    requestTimeout: timeoutMs,
  })

  return {
    receive: (signal) =>
      resultOf(async () => {
        const command = new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: maxMessages,
          WaitTimeSeconds: waitSeconds,
          VisibilityTimeout: visibilitySeconds,
          MessageSystemAttributeNames: ['SentTimestamp', 'ApproximateReceiveCount', 'MessageGroupId'],
        })
        const longPollMs = waitSeconds * 1_000 + requestTimeoutMs
        const { Messages = [] } = await client.send(command, timing(signal, longPollMs))
        return Messages.flatMap(readMessage)
      }),
    remove: (messages, signal) =>
      resultOf(async () => {
        const Entries = messages.map(entryOf)
        const command = new DeleteMessageBatchCommand({ QueueUrl, Entries })
        return batchResult(messages, (await client.send(command, timing(signal))).Failed)
      }),
    changeVisibility: (messages, seconds, signal) =>
      resultOf(async () => {
        const Entries = messages.map((message, index) => ({
          ...entryOf(message, index),
          VisibilityTimeout: seconds,
        }))
        const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries })
        return batchResult(messages, (await client.send(command, timing(signal))).Failed)
      }),
    hasDeadLetterQueue: (signal) =>
      resultOf(async () => {
        const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['RedrivePolicy'] })
        const { Attributes = {} } = await client.send(command, timing(signal))
        return (Attributes.RedrivePolicy ?? '') !== ''
      }),
    close: () => {
      client.destroy()
      routes?.close()
    },
  }
}

async function resultOf<Value>(call: () => Promise<Value>): Promise<QueueResult<Value>> {
  try {
    return { kind: 'ok', value: await call() }
  } catch (error) {
    return { kind: 'failed', failure: classifyFailure(error) }
  }
}

/** A message without id or handle, which SQS does not send, could be neither identified nor deleted. */
function readMessage({ MessageId: id, ReceiptHandle: receiptHandle, ...message }: Message): QueueMessage[] {
  if (id === undefined || receiptHandle === undefined) return []
  const { Body: body = '', Attributes: attributes = {} } = message
  return [
    {
      id,
      receiptHandle,
      body,
      groupId: attributes.MessageGroupId,
      sentAt: numberIn(attributes.SentTimestamp),
      receiveCount: numberIn(attributes.ApproximateReceiveCount),
    },
  ]
}

const numberIn = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined

const entryOf = ({ receiptHandle }: QueueMessage, index: number) => ({
  Id: String(index),
  ReceiptHandle: receiptHandle,
})

function batchResult(
  messages: readonly QueueMessage[],
  failed: readonly { Id: string | undefined; SenderFault: boolean | undefined }[] = [],
): BatchResult {
  const withFault = (fault: boolean) =>
    failed.flatMap(({ Id, SenderFault = false }) =>
      SenderFault === fault ? (messages[Number(Id)] ?? []) : [],
    )
  return { retry: withFault(false), lost: withFault(true) }
}
