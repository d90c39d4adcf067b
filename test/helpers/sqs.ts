import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Owner } from './folder.ts'
import { createMessages, describe, type StandInMessagesOptions } from './sqs-messages.ts'

export interface SqsFault {
  /** Default: every action. */
  readonly action?: SqsAction
  /** How many calls it affects. Default 1. */
  readonly times?: number
  /** Waits so long before anything else. */
  readonly delayMs?: number
  /** Closes the connection. `after`: when the call has had its effect. */
  readonly reset?: 'before' | 'after'
  /** Answers with this error type and status. */
  readonly error?: { readonly type: string; readonly status: number }
  /** Of a batch: the first entry fails with this code. */
  readonly failFirst?: { readonly code: string; readonly senderFault: boolean }
  /** Of received messages: the body differs from its checksum. */
  readonly corrupt?: true
}

export type SqsAction = keyof typeof inputs

const entries = z.array(
  z.object({ Id: z.string(), ReceiptHandle: z.string(), VisibilityTimeout: z.number().optional() }),
)
const inputs = {
  ReceiveMessage: z.object({
    QueueUrl: z.string(),
    MaxNumberOfMessages: z.number().min(1).max(10),
    WaitTimeSeconds: z.number().min(0).max(20),
    VisibilityTimeout: z.number(),
  }),
  DeleteMessageBatch: z.object({ QueueUrl: z.string(), Entries: entries.min(1).max(10) }),
  ChangeMessageVisibilityBatch: z.object({ QueueUrl: z.string(), Entries: entries.min(1).max(10) }),
  GetQueueAttributes: z.object({ QueueUrl: z.string(), AttributeNames: z.array(z.string()) }),
}

interface Call {
  readonly action: SqsAction
  readonly entries: readonly z.output<typeof entries>[number][]
  readonly authorization: string
}

export type SqsStandIn = Awaited<ReturnType<typeof startSqs>>

/**
 * A stand-in for Amazon SQS with one queue, in the AWS JSON 1.0 protocol of the SDK. Closes after the test. It accepts any
 * credentials.
 */
export async function startSqs(
  t: Owner,
  { name, ...options }: StandInMessagesOptions & { name?: string } = {},
) {
  const messages = createMessages(options)
  const calls: Call[] = []
  const faults: { fault: SqsFault; left: number }[] = []
  const closing = new AbortController()
  let receiving = 0
  let mostReceiving = 0

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(async () => {
    closing.abort()
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  const { port } = server.address() as AddressInfo

  function takeFault(action: SqsAction): SqsFault {
    const found = faults.find(({ fault, left }) => left > 0 && (fault.action ?? action) === action)
    if (found === undefined) return {}
    found.left -= 1
    return found.fault
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const action = actionOf(request)
    const input: unknown = JSON.parse(await text(request))
    const { Entries = [] } = z.object({ Entries: entries.optional() }).parse(input)
    calls.push({ action, entries: Entries, authorization: request.headers.authorization ?? '' })
    const fault = takeFault(action)
    if (fault.delayMs !== undefined) await sleep(fault.delayMs, undefined, { signal: closing.signal })
    if (fault.reset === 'before') return void response.destroy()
    if (fault.error !== undefined) return sendError(response, fault.error)
    const output = await run(action, input, fault, response)
    if (fault.reset === 'after') return void response.destroy()
    send(response, 200, output)
  }

  async function run(action: SqsAction, input: unknown, fault: SqsFault, response: ServerResponse) {
    switch (action) {
      case 'ReceiveMessage':
        return receive(inputs.ReceiveMessage.parse(input), fault, response)
      case 'DeleteMessageBatch': {
        const { Entries } = inputs.DeleteMessageBatch.parse(input)
        return batch(Entries, fault, ({ ReceiptHandle }) => void messages.remove(ReceiptHandle))
      }
      case 'ChangeMessageVisibilityBatch': {
        const { Entries } = inputs.ChangeMessageVisibilityBatch.parse(input)
        return batch(Entries, fault, ({ ReceiptHandle, VisibilityTimeout = 0 }) =>
          messages.changeVisibility(ReceiptHandle, VisibilityTimeout * 1_000),
        )
      }
      case 'GetQueueAttributes': {
        const policy = {
          deadLetterTargetArn: 'arn:aws:sqs:eu-central-1:000000000000:dead',
          maxReceiveCount: '3',
        }
        const hasPolicy = options.maxReceiveCount !== undefined
        return { Attributes: hasPolicy ? { RedrivePolicy: JSON.stringify(policy) } : undefined }
      }
    }
  }

  async function receive(
    input: z.output<typeof inputs.ReceiveMessage>,
    fault: SqsFault,
    response: ServerResponse,
  ) {
    receiving += 1
    mostReceiving = Math.max(mostReceiving, receiving)
    try {
      const deadline = Date.now() + input.WaitTimeSeconds * 1_000
      for (;;) {
        if (response.destroyed) return {} // SQS gives no message to a client that has gone
        const taken = messages.receive(input.MaxNumberOfMessages, input.VisibilityTimeout * 1_000)
        if (taken.length > 0) {
          const described = taken.map(describe)
          return { Messages: fault.corrupt ? described.map((one) => ({ ...one, Body: 'x' })) : described }
        }
        if (Date.now() >= deadline) return {}
        await sleep(5)
      }
    } finally {
      receiving -= 1
    }
  }

  return {
    ...messages,
    queueUrl: `http://127.0.0.1:${port}/000000000000/${name ?? (options.isFifo ? 'events.fifo' : 'events')}`,
    calls: (action: SqsAction) => calls.filter((call) => call.action === action),
    receiving: () => receiving,
    mostReceiving: () => mostReceiving,
    addFault: (fault: SqsFault) => void faults.push({ fault, left: fault.times ?? 1 }),
    clearFaults: () => void faults.splice(0),
  }
}

/** The environment of a service that takes events from the stand-in. */
export const sqsEnvironment = ({ queueUrl }: SqsStandIn): Record<string, string> => ({
  SQS_QUEUE_URL: queueUrl,
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'test-key-id',
  AWS_SECRET_ACCESS_KEY: 'test-secret-key',
})

function actionOf({ headers }: IncomingMessage): SqsAction {
  const name = String(headers['x-amz-target']).replace('AmazonSQS.', '')
  return z.enum(Object.keys(inputs) as [SqsAction, ...SqsAction[]]).parse(name)
}

function batch<Entry extends { readonly Id: string }>(
  list: readonly Entry[],
  { failFirst }: SqsFault,
  change: (entry: Entry) => string | undefined,
) {
  const Successful: { Id: string }[] = []
  const Failed: { Id: string; Code: string; SenderFault: boolean }[] = []
  for (const [index, entry] of list.entries()) {
    const { Id } = entry
    if (index === 0 && failFirst !== undefined) {
      Failed.push({ Id, Code: failFirst.code, SenderFault: failFirst.senderFault })
      continue
    }
    const error = change(entry)
    if (error === undefined) Successful.push({ Id })
    else Failed.push({ Id, Code: error, SenderFault: true })
  }
  return { Successful, Failed }
}

function sendError(response: ServerResponse, { type, status }: { type: string; status: number }): void {
  send(response, status, { __type: `com.amazonaws.sqs#${type}`, message: `arn:aws:sqs:… ${type}` })
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
  response.end(JSON.stringify(body))
}
