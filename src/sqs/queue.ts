import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import type { OutgoingProxy } from '../http/outgoing-proxy.ts'
import { withinDeadline } from './deadline.ts'
import { classifyFailure, type QueueFailure } from './failures.ts'
import type { QueueTiming } from './timing.ts'

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

/** An SQS queue. No promise rejects, no call is repeated, and every call has a time limit. */
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
  readonly timing: Pick<
    QueueTiming,
    'waitSeconds' | 'connectTimeoutMs' | 'credentialsTimeoutMs' | 'callTimeoutMs'
  >
  /** Undefined: direct connections. */
  readonly proxy?: Pick<OutgoingProxy, 'covers' | 'createTunnelAgent'> | undefined
}

/** The limit of SQS for one call. */
export const maxMessages = 10

/** The SDK would write to the console, with the URL of the queue. */
const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} }

/** The SDK finds the credentials itself: environment, shared files, container, instance or web identity. */
export function openQueue(options: QueueOptions): Queue {
  const { queueUrl: QueueUrl, region, endpoint, visibilitySeconds, proxy } = options
  const { waitSeconds, connectTimeoutMs, credentialsTimeoutMs, callTimeoutMs } = options.timing
  const receiveTimeoutMs = waitSeconds * 1_000 + callTimeoutMs
  const usesProxy = proxy?.covers(endpoint ?? QueueUrl) === true
  // For https:// only. The SDK cannot send http:// requests to a proxy, and those stay in a private network.
  const httpsAgent = usesProxy ? proxy.createTunnelAgent(connectTimeoutMs) : undefined
  const client = new SQSClient({
    region,
    ...(endpoint !== undefined && { endpoint }),
    maxAttempts: 1, // the callers retry, and must know how often
    logger: silent,
    requestHandler: {
      // A tunnel has this limit itself, and its error names the proxy.
      ...(httpsAgent === undefined ? { connectionTimeout: connectTimeoutMs } : { httpsAgent }),
      // The SDK also uses this handler to fetch credentials from AWS STS. Otherwise, all calls would wait for a silent STS for ever.
      requestTimeout: receiveTimeoutMs,
      throwOnRequestTimeout: true,
    },
  })

  async function run<Value>(
    call: (options: { readonly abortSignal: AbortSignal }) => Promise<Value>,
    { signal, timeoutMs = callTimeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs?: number },
  ): Promise<QueueResult<Value>> {
    try {
      const value = await withinDeadline(
        async (abortSignal) => {
          // The SDK keeps the credentials, so the call itself does not search again.
          await withinDeadline(() => client.config.credentials(), {
            timeoutMs: credentialsTimeoutMs,
            signal: abortSignal,
            timeoutName: 'CredentialsTimeoutError',
          })
          return call({ abortSignal })
        },
        { signal, timeoutMs },
      )
      return { kind: 'ok', value }
    } catch (error) {
      return { kind: 'failed', failure: classifyFailure(error) }
    }
  }

  return {
    receive: (signal) =>
      run(
        async (options) => {
          const command = new ReceiveMessageCommand({
            QueueUrl,
            MaxNumberOfMessages: maxMessages,
            WaitTimeSeconds: waitSeconds,
            VisibilityTimeout: visibilitySeconds,
            MessageSystemAttributeNames: ['SentTimestamp', 'ApproximateReceiveCount', 'MessageGroupId'],
          })
          const { Messages = [] } = await client.send(command, options)
          return Messages.flatMap(readMessage)
        },
        { signal, timeoutMs: receiveTimeoutMs },
      ),
    remove: (messages, signal) =>
      run(
        async (options) => {
          const Entries = messages.map(entryOf)
          const command = new DeleteMessageBatchCommand({ QueueUrl, Entries })
          return batchResult(messages, (await client.send(command, options)).Failed)
        },
        { signal },
      ),
    changeVisibility: (messages, seconds, signal) =>
      run(
        async (options) => {
          const Entries = messages.map((message, index) => ({
            ...entryOf(message, index),
            VisibilityTimeout: seconds,
          }))
          const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries })
          return batchResult(messages, (await client.send(command, options)).Failed)
        },
        { signal },
      ),
    hasDeadLetterQueue: (signal) =>
      run(
        async (options) => {
          const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['RedrivePolicy'] })
          const { Attributes = {} } = await client.send(command, options)
          return (Attributes.RedrivePolicy ?? '') !== ''
        },
        { signal },
      ),
    close: () => {
      client.destroy()
      httpsAgent?.destroy()
    },
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
