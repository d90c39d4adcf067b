import { z } from 'zod'
import { isConversationTopic } from '../notifications/topics.ts'
import { choice, day, hour, list, secretList, text, url, wholeNumber } from './schemas.ts'
import { doorVariables } from './webhook.ts'

/** One variable of the environment: how it is read, and what docs/configuration.md says of it. */
export interface Variable<Schema extends z.ZodType = z.ZodType> {
  readonly schema: Schema
  /** As the documentation shows it; undefined where there is none. */
  readonly default?: string
  readonly meaning: string
  /** Never printed, and also read from the file that `NAME_FILE` names. */
  readonly secret?: true
}

/**
 * A `whsec_` secret that is not base64 would be read as a short or empty key, with which anybody can sign. And who pastes
 * `v1,whsec_…` as it stands in a signature header would make `v1` a secret.
 */
function problemWithSigningSecret(secret: string, next: string | undefined): string | undefined {
  if (/^v\d\w?$/.test(secret) && next?.startsWith('whs') === true)
    return `is the "${secret}," in front of a whsec_ secret: remove it, it marks a signature and is not part of the secret`
  if (secret.startsWith('whsec_') && !/^whsec_[A-Za-z0-9+/]*={0,2}$/.test(secret))
    return 'must be plain text or whsec_ followed by base64'
  return undefined
}

/** The whole environment of the service. The order is that of docs/configuration.md. */
export const variables = {
  GENESYS_ENV: {
    schema: text('mypurecloud.com'),
    default: 'mypurecloud.com',
    meaning: 'Domain of your Genesys Cloud region.',
  },
  GENESYS_CLIENT_ID: {
    schema: z.string(),
    meaning: 'Id of an OAuth client with the grant type "Client Credentials".',
  },
  GENESYS_CLIENT_SECRET: { schema: z.string(), secret: true, meaning: 'Secret of that OAuth client.' },
  GENESYS_API_URL: {
    schema: url(),
    default: 'https://api.{GENESYS_ENV}',
    meaning: 'Where the API is, if not at the region: the simulator or a proxy.',
  },
  GENESYS_LOGIN_URL: {
    schema: url(),
    default: 'https://login.{GENESYS_ENV}',
    meaning: 'Where tokens are issued, if not at the region.',
  },
  GENESYS_API_PROFILE: {
    schema: choice(['platform', 'tutorial'], 'platform'),
    default: 'platform',
    meaning:
      '`platform`: the endpoints of the official SDKs. `tutorial`: PATCH …/participants/{id}, for stand-ins built after the tutorial.',
  },
  HOST: { schema: text('0.0.0.0'), default: '0.0.0.0', meaning: 'Address to listen on.' },
  PORT: {
    schema: wholeNumber(0, 65_535, 8080),
    default: '8080',
    meaning: 'Port to listen on; 0 takes any free one (the log says which).',
  },
  WEBHOOK_SECRETS: {
    schema: secretList({ minLength: 16, problemWith: problemWithSigningSecret }),
    secret: true,
    meaning:
      'HMAC secrets of signing relays, comma-separated, newest first; each is accepted. `whsec_<base64>` or plain text, at least 16 characters each.',
  },
  WEBHOOK_TOKENS: {
    schema: secretList({ minLength: 8 }),
    secret: true,
    meaning:
      'Bearer tokens, API keys or basic passwords of relays, comma-separated, newest first; each is accepted. At least 8 characters each.',
  },
  WEBHOOK_AUTH: {
    schema: choice(['required', 'none'], 'required'),
    default: 'required',
    meaning: '`none` lets anybody post events. Only for a closed network; warned about at start.',
  },
  ...doorVariables,
  NOTIFICATIONS_QUEUES: {
    schema: list(),
    meaning:
      "Names or ids of queues, comma-separated: the service listens to their conversations itself, on Genesys Cloud's notification websocket.",
  },
  NOTIFICATIONS_TOPICS: {
    schema: list().refine(
      (topics) => topics.every(isConversationTopic),
      'must hold topics of conversations with an id in them, such as v2.users.ID.conversations',
    ),
    meaning: 'Topics to listen to in the same way, comma-separated, such as `v2.users.ID.conversations`.',
  },
  RULES_FILE: { schema: text('./rules.yaml'), default: './rules.yaml', meaning: 'The rules.' },
  STORE_URL: {
    schema: text('sqlite:./data/inbox.db').refine(
      (value) => /^(sqlite:.|rediss?:\/\/.)/.test(value) && !value.includes(':memory:'),
      'must be sqlite:PATH, a file that outlives the process',
    ),
    default: 'sqlite:./data/inbox.db',
    meaning:
      'The inbox: `sqlite:PATH`. The folder is made if it is missing; the file belongs to one process.',
  },
  ROLE: {
    schema: choice(['all', 'ingest', 'deliver'], 'all'),
    default: 'all',
    meaning: 'What this process does. Only `all` with the SQLite store.',
  },
  RATE_LIMIT: {
    schema: wholeNumber(1, 1_000_000, 300),
    default: '300',
    meaning: "API calls per window, until the API's own headers say otherwise.",
  },
  RATE_WINDOW_MS: {
    schema: wholeNumber(100, hour, 60_000),
    default: '60000',
    meaning: "Length of that window in ms, until the API's own headers say otherwise.",
  },
  RATE_SHARE: {
    schema: z
      .string()
      .regex(/^(0?\.\d+|0|1(\.0+)?)$/, 'must be a number above 0 and up to 1')
      .transform(Number)
      .pipe(z.number().gt(0, 'must be a number above 0 and up to 1').max(1))
      .default(1),
    default: '1',
    meaning: "Share of the allowance this service may spend; the rest is left to the client's other users.",
  },
  MAX_IN_FLIGHT: { schema: wholeNumber(1, 200, 10), default: '10', meaning: 'API calls under way at once.' },
  REQUEST_TIMEOUT_MS: {
    schema: wholeNumber(10, 120_000, 10_000),
    default: '10000',
    meaning: 'Patience with one API call, in ms.',
  },
  EVENT_MAX_AGE_MS: {
    schema: wholeNumber(100, 365 * day, day),
    default: '86400000',
    meaning: 'An event not delivered this many ms after acceptance becomes a dead letter (`expired`).',
  },
  INBOX_MAX_PENDING: {
    schema: wholeNumber(1, 100_000_000, 1_000_000),
    default: '1000000',
    meaning: 'Past this many waiting events senders get 503 and send again later; nothing is dropped.',
  },
  MAX_BODY_BYTES: {
    schema: wholeNumber(1_000, 100_000_000, 1_048_576),
    default: '1048576',
    meaning: 'Largest request body, in bytes.',
  },
  MAX_BATCH: { schema: wholeNumber(1, 10_000, 500), default: '500', meaning: 'Most events in one request.' },
  RETENTION_MS: {
    schema: wholeNumber(1_000, 3_650 * day, 7 * day),
    default: '604800000',
    meaning:
      'How long settled events, dead letters and known values are kept, in ms; also the reach of duplicate detection.',
  },
  ADMIN_TOKEN: {
    schema: z.string().regex(/^\S+$/, 'must be without spaces: it is sent in a header').optional(),
    secret: true,
    meaning: 'Bearer token of `/admin/*`; without it they answer 404.',
  },
  LOG_LEVEL: {
    schema: choice(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'info'),
    default: 'info',
    meaning: 'Least severe level that is logged.',
  },
  SHUTDOWN_GRACE_MS: {
    schema: wholeNumber(0, hour, 25_000),
    default: '25000',
    meaning: 'How long calls under way may take to finish after SIGTERM, in ms.',
  },
} as const satisfies Record<string, Variable>
