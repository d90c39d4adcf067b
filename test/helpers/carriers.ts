import { gzipSync } from 'node:zlib'

type JsonObject = Record<string, unknown>

/** Wraps a message in a carrier, as the carrier sends it. `n` makes the ids of the message. */
export type Wrap = (message: unknown, n?: number) => JsonObject

export const asText = (message: unknown): string =>
  typeof message === 'string' ? message : JSON.stringify(message)
export const asBase64 = (message: unknown): string => Buffer.from(asText(message)).toString('base64')
export const asGzip = (message: unknown): string => gzipSync(asText(message)).toString('base64')

export const sns: Wrap = (message, n = 1) => ({
  Type: 'Notification',
  MessageId: `2f9d7c30-0000-4000-8000-00000000000${n}`,
  TopicArn: 'arn:aws:sns:eu-central-1:123456789012:genesys-events',
  Message: asText(message),
  Timestamp: '2026-01-05T09:00:00.100Z',
  SignatureVersion: '2',
  Signature: 'c2lnbmF0dXJl',
  SigningCertURL: 'https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0.pem',
  UnsubscribeURL: 'https://sns.eu-central-1.amazonaws.com/?Action=Unsubscribe',
})

export const subscriptionConfirmation = (changes: JsonObject = {}): JsonObject => ({
  Type: 'SubscriptionConfirmation',
  MessageId: '165545c9-0000-4000-8000-000000000001',
  Token: '2336412f37',
  TopicArn: 'arn:aws:sns:eu-central-1:123456789012:genesys-events',
  Message: 'You have chosen to subscribe to the topic. To confirm the subscription, visit the SubscribeURL.',
  SubscribeURL: 'https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=2336412f37',
  Timestamp: '2026-01-05T09:00:00.100Z',
  SignatureVersion: '2',
  Signature: 'c2lnbmF0dXJl',
  SigningCertURL: 'https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0.pem',
  ...changes,
})

export const sqsRecord: Wrap = (message, n = 1) => ({
  messageId: `059f36b4-0000-4000-8000-00000000000${n}`,
  receiptHandle: 'AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a',
  body: asText(message),
  attributes: { ApproximateReceiveCount: '1', SentTimestamp: '1767603600100' },
  messageAttributes: {},
  md5OfBody: 'e4e68fb7bd0e697a0ae8f1bb342846b3',
  eventSource: 'aws:sqs',
  eventSourceARN: 'arn:aws:sqs:eu-central-1:123456789012:genesys-events',
  awsRegion: 'eu-central-1',
})

export const snsRecord: Wrap = (message, n = 1) => ({
  EventSource: 'aws:sns',
  EventVersion: '1.0',
  EventSubscriptionArn: 'arn:aws:sns:eu-central-1:123456789012:genesys-events:1',
  Sns: sns(message, n),
})

const kinesisFields = (message: unknown, n: number): JsonObject => ({
  kinesisSchemaVersion: '1.0',
  partitionKey: '1',
  sequenceNumber: `4959033827149025660855969253836157109523${n}`,
  data: asBase64(message),
  approximateArrivalTimestamp: 1767603600.1,
})

const kinesisSource = (n: number): JsonObject => ({
  eventSource: 'aws:kinesis',
  eventVersion: '1.0',
  eventID: `shardId-000000000006:4959033827149025660855969253836157109523${n}`,
  eventName: 'aws:kinesis:record',
})

export const kinesisRecord: Wrap = (message, n = 1) => ({
  kinesis: kinesisFields(message, n),
  ...kinesisSource(n),
})
export const kinesisPipesRecord: Wrap = (message, n = 1) => ({
  ...kinesisFields(message, n),
  ...kinesisSource(n),
})

export const records = (...list: readonly unknown[]): JsonObject => ({ Records: list })

export const pubsub: Wrap = (message, n = 1) => ({
  message: {
    data: asBase64(message),
    attributes: { origin: 'genesys' },
    messageId: `207027599699831${n}`,
    message_id: `207027599699831${n}`,
    publishTime: '2026-01-05T09:00:00.1Z',
    publish_time: '2026-01-05T09:00:00.1Z',
  },
  subscription: 'projects/example/subscriptions/genesys',
})

export const eventGrid = (data: unknown, changes: JsonObject = {}): JsonObject => ({
  id: '831e1650-001e-001b-66ab-eeb76e069631',
  topic: '/subscriptions/s/resourceGroups/g/providers/Microsoft.EventGrid/topics/genesys',
  subject: 'genesysCloud/sendEvent',
  eventType: 'GenesysCloudEvent',
  eventTime: '2026-01-05T09:00:00.1Z',
  data,
  dataVersion: '1.0',
  metadataVersion: '1',
  ...changes,
})

export const firehose = (...messages: readonly unknown[]): JsonObject => ({
  requestId: 'ed4acda5-034f-9f42-bba1-f29aea6d7d8f',
  timestamp: 1767603600100,
  records: messages.map((message) => ({ data: asBase64(message) })),
})

export const apiGatewayV1: Wrap = (message) => ({
  resource: '/genesys',
  path: '/genesys',
  httpMethod: 'POST',
  headers: { 'Content-Type': 'application/json' },
  queryStringParameters: null,
  requestContext: { requestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef', stage: 'prod' },
  body: asText(message),
  isBase64Encoded: false,
})

export const apiGatewayV2: Wrap = (message) => ({
  version: '2.0',
  routeKey: 'POST /genesys',
  rawPath: '/genesys',
  rawQueryString: '',
  headers: { 'content-type': 'application/json' },
  requestContext: { http: { method: 'POST', path: '/genesys' }, requestId: 'id' },
  body: asBase64(message),
  isBase64Encoded: true,
})

export const lambdaDestination: Wrap = (message, n = 1) => ({
  version: '1.0',
  timestamp: '2026-01-05T09:00:00.100Z',
  requestContext: {
    requestId: `e4b46cbf-b738-xmpl-8880-a18cdf61200${n}`,
    functionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:relay:$LATEST',
    condition: 'Success',
    approximateInvokeCount: 1,
  },
  requestPayload: message,
  responseContext: { statusCode: 200, executedVersion: '$LATEST' },
  responsePayload: { type: 'conversation:created', conversationId: 'of-the-response' },
})

export const cloudwatchLogs = (...messages: readonly unknown[]): JsonObject => ({
  messageType: 'DATA_MESSAGE',
  owner: '123456789012',
  logGroup: '/aws/events/genesys',
  logStream: 's',
  subscriptionFilters: ['all'],
  logEvents: messages.map((message, n) => ({
    id: `3719440000000${n}`,
    timestamp: 1767603600100,
    message: asText(message),
  })),
})

/** Each carrier with one message in it. */
export const everyCarrier: Readonly<Record<string, Wrap>> = {
  SNS: sns,
  'SQS, as Lambda hands it on': (message, n) => records(sqsRecord(message, n)),
  'SQS, as Pipes hand it on': sqsRecord,
  'SQS, with the message as an object': (message) => ({ ...sqsRecord(message), body: message }),
  'SNS, as Lambda hands it on': (message, n) => records(snsRecord(message, n)),
  'Kinesis, as Lambda hands it on': (message, n) => records(kinesisRecord(message, n)),
  'Kinesis, as Pipes hand it on': kinesisPipesRecord,
  'Pub/Sub': pubsub,
  'Pub/Sub inside a CloudEvent': (message, n) => ({
    ...{ specversion: '1.0', id: `e-${n}`, source: '//pubsub.googleapis.com/projects/example/topics/t' },
    type: 'google.cloud.pubsub.topic.v1.messagePublished',
    data: pubsub(message, n),
  }),
  'Event Grid': (message) => eventGrid(message),
  'Event Grid, from the Genesys Cloud blueprint': (message) => eventGrid({ message }),
  Firehose: (message) => firehose(message),
  'API Gateway, payload 1.0': apiGatewayV1,
  'API Gateway, payload 2.0': apiGatewayV2,
  'Lambda destination': lambdaDestination,
  'Lambda destination on an EventBridge bus': (message, n) => ({
    ...{
      version: '0',
      id: `b-${n}`,
      'detail-type': 'Lambda Function Invocation Result - Success',
      source: 'lambda',
    },
    detail: lambdaDestination(message, n),
  }),
  'CloudWatch Logs': (message) => cloudwatchLogs(message),
  'CloudWatch Logs, as Lambda gets them': (message) => ({
    awslogs: { data: asGzip(cloudwatchLogs(message)) },
  }),
}
