import { z } from 'zod'
import { isConversationTopic } from '../notifications/topics.ts'
import { proxyVariables } from './proxy-variables.ts'
import { choice, dayMs, hourMs, list, proxies, text, url, wholeNumber } from './schemas.ts'
import { sqsVariables } from './sqs-variables.ts'
import { storeVariables } from './store-variables.ts'
import { webhookVariables } from './webhook-variables.ts'

/** One environment variable: how to read it, and its row in docs/configuration.md. */
export interface Variable<Schema extends z.ZodType = z.ZodType> {
  readonly schema: Schema
  /** The default as documented; undefined: no default. */
  readonly default?: string
  readonly meaning: string
  /** The value is never printed. `NAME_FILE` can name a file that contains it. */
  readonly secret?: true
  /** `NAME_FILE` can name a file that contains the value, as with a secret. */
  readonly file?: true
}

/** All environment variables, in the order of docs/configuration.md. */
export const variables = {
  GENESYS_ENV: {
    schema: text('mypurecloud.com'),
    default: 'mypurecloud.com',
    meaning:
      'Domain of your Genesys Cloud region, such as `mypurecloud.ie`, `mypurecloud.de` or `usw2.pure.cloud`. The notes on the region list all of them.',
  },
  GENESYS_CLIENT_ID: {
    schema: z.string(),
    meaning: 'Id of an OAuth client with the grant type "Client Credentials".',
  },
  GENESYS_CLIENT_SECRET: { schema: z.string(), secret: true, meaning: 'Secret of that OAuth client.' },
  GENESYS_API_URL: {
    schema: url(),
    default: 'https://api.{GENESYS_ENV}',
    meaning: 'URL of the API, if it is not that of the region: that of the simulator or of a proxy.',
  },
  GENESYS_LOGIN_URL: {
    schema: url(),
    default: 'https://login.{GENESYS_ENV}',
    meaning: 'URL of the token endpoint, if it is not that of the region.',
  },
  GENESYS_API_PROFILE: {
    schema: choice(['platform', 'tutorial'], 'platform'),
    default: 'platform',
    meaning:
      'The paths of the API. Keep `platform` for Genesys Cloud. Use `tutorial` only for a substitute server that sets attributes with `PATCH …/participants/{id}`.',
  },
  GENESYS_SEND_TRACEPARENT: {
    schema: choice(['true', 'false'], 'false'),
    default: 'false',
    meaning:
      'With `true`, calls that set attributes or read a conversation carry the headers `traceparent` and `tracestate`. Only for a proxy of yours in front of the API, and only with [tracing](operations/tracing.md).',
  },
  ...proxyVariables,
  HOST: { schema: text('0.0.0.0'), default: '0.0.0.0', meaning: 'Address to listen on.' },
  PORT: {
    schema: wholeNumber(0, 65_535, 8080),
    default: '8080',
    meaning:
      'Port to listen on. With 0, the service takes any free port, and the log line `listening` shows it.',
  },
  ...webhookVariables,
  TRUST_PROXY: {
    schema: proxies(),
    meaning:
      'Addresses and networks of the proxies in front of the service, comma-separated, or the number of these proxies. The service then takes the client address from `X-Forwarded-For`. Without it, the service ignores that header.',
  },
  TLS_CERT_FILE: {
    schema: z.string().optional(),
    meaning: 'File with the certificate chain (PEM). With it, the port speaks HTTPS. Needs `TLS_KEY_FILE`.',
  },
  TLS_KEY_FILE: {
    schema: z.string().optional(),
    meaning: 'File with the private key of that certificate (PEM, without a passphrase).',
  },
  TLS_CLIENT_CA_FILE: {
    schema: z.string().optional(),
    meaning:
      'File with certificate authorities (PEM). With it, every client of the port, probes included, must present a certificate of one of them (mutual TLS).',
  },
  NOTIFICATIONS_QUEUES: {
    schema: list(),
    meaning:
      "Names or ids of Genesys Cloud queues, comma-separated. The service subscribes to their conversations on Genesys Cloud's notification websocket, so you need no relay.",
  },
  NOTIFICATIONS_TOPICS: {
    schema: list().refine(
      (topics) => topics.every(isConversationTopic),
      'must contain conversation topics with an id, such as v2.users.ID.conversations',
    ),
    meaning:
      'Notification topics to subscribe to in the same way, comma-separated, such as `v2.users.ID.conversations`.',
  },
  ...sqsVariables,
  RULES_FILE: { schema: text('./rules.yaml'), default: './rules.yaml', meaning: 'Path of the rules file.' },
  ...storeVariables,
  RATE_LIMIT: {
    schema: wholeNumber(1, 1_000_000, 300),
    default: '300',
    meaning: "Number of API calls per window. It counts only until the API's headers give another number.",
  },
  RATE_WINDOW_MS: {
    schema: wholeNumber(100, hourMs, 60_000),
    default: '60000',
    meaning:
      "Length of that window, in milliseconds; the default is 1 minute. It counts only until the API's headers give another length.",
  },
  RATE_SHARE: {
    schema: z
      .string()
      .regex(/^(0?\.\d+|0|1(\.0+)?)$/, 'must be a number above 0 and up to 1')
      .transform(Number)
      .pipe(z.number().gt(0, 'must be a number above 0 and up to 1').max(1))
      .default(1),
    default: '1',
    meaning:
      'Share of the allowed calls that this service may spend: above 0 and up to 1. Lower it if other programs use the same OAuth client.',
  },
  MAX_IN_FLIGHT: {
    schema: wholeNumber(1, 200, 10),
    default: '10',
    meaning: 'Maximum number of API calls at the same time.',
  },
  REQUEST_TIMEOUT_MS: {
    schema: wholeNumber(10, 120_000, 10_000),
    default: '10000',
    meaning:
      'Timeout of one API call, in milliseconds; the default is 10 seconds. After it, the call counts as failed, and the service retries.',
  },
  EVENT_MAX_AGE_MS: {
    schema: wholeNumber(100, 365 * dayMs, dayMs),
    default: '86400000',
    meaning:
      'An event that is not delivered this many milliseconds after its acceptance becomes a dead letter (`expired`). The default is 24 hours.',
  },
  INBOX_MAX_PENDING: {
    schema: wholeNumber(1, 100_000_000, 1_000_000),
    default: '1000000',
    meaning:
      'Maximum number of pending events. When it is reached, the service answers 503, and senders send again later. No event is dropped.',
  },
  MAX_BODY_BYTES: {
    schema: wholeNumber(1_000, 100_000_000, 1_048_576),
    default: '1048576',
    meaning:
      'Maximum size of a request body, in bytes; the default is 1 MiB. Messages in it that are packed with base64 or gzip may unpack to as many bytes together. The service answers 413 to a larger one.',
  },
  MAX_BATCH: {
    schema: wholeNumber(1, 10_000, 500),
    default: '500',
    meaning: 'Maximum number of events in one request. The service answers 413 to a request with more.',
  },
  RETENTION_MS: {
    schema: wholeNumber(1_000, 3_650 * dayMs, 7 * dayMs),
    default: '604800000',
    meaning:
      'How long the service keeps settled events (those that are applied, unchanged or dead) and known values, and recognises duplicates, in milliseconds. The default is 7 days.',
  },
  DRY_RUN: {
    schema: choice(['true', 'false'], 'false'),
    default: 'false',
    meaning:
      'With `true`, the service evaluates the rules and records each event, but sets no attributes. The log names the attributes that it would set. Use it for a first run against a real org.',
  },
  ADMIN_TOKEN: {
    schema: z
      .string()
      .regex(/^\S+$/, 'must not contain spaces, because clients send it in a header')
      .optional(),
    secret: true,
    meaning:
      'Bearer token for `/admin/*`. Without it, these routes answer 404. The service enforces no minimum length: use a long random value.',
  },
  LOG_LEVEL: {
    schema: choice(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'info'),
    default: 'info',
    meaning: 'Lowest level to log: `fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`.',
  },
  SHUTDOWN_GRACE_MS: {
    schema: wholeNumber(0, hourMs, 25_000),
    default: '25000',
    meaning:
      'How long API calls in progress may take after SIGTERM, in milliseconds; the default is 25 seconds. The service then aborts them; their events stay pending.',
  },
} as const satisfies Record<string, Variable>

export type VariableName = keyof typeof variables
