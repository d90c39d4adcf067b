import { commandErrors } from './command-errors.ts'
import { deadLetterErrors } from './dead-letter-errors.ts'
import { logErrors } from './log-errors.ts'
import { operatorErrors } from './operator-errors.ts'
import { ruleErrors } from './rule-errors.ts'
import { sqsErrors } from './sqs-errors.ts'

/** The catalogue of codes: in HTTP answers, dead letters, `/health`, log and commands. A test compares it with docs/errors.md. */
export interface ErrorEntry {
  /** Only for codes that an HTTP answer carries. */
  readonly status?: number
  /** Constant per code (RFC 9457 `title`). */
  readonly title: string
  /** The next step for the reader. */
  readonly remedy: string
}

export const errorCatalogue = {
  // Answers to senders
  invalid_json: {
    status: 400,
    title: 'The body is not JSON',
    remedy: 'Send one event or an array of events as JSON, or one event per line (NDJSON).',
  },
  unauthorized: {
    status: 401,
    title: 'No accepted credential or signature',
    remedy:
      'Events: send a bearer token, API key or basic password from WEBHOOK_TOKENS, a signature made with a secret from WEBHOOK_SECRETS, a JWT of WEBHOOK_OIDC_ISSUER, or a message that Amazon SNS signed for a topic of SNS_TOPIC_ARNS. A signed timestamp must be within 5 minutes of the service clock. The log line has the cause. Admin routes: send ADMIN_TOKEN as a bearer token.',
  },
  address_not_allowed: {
    status: 403,
    title: 'The client address is not allowed',
    remedy:
      'Send from an address in WEBHOOK_ALLOWED_CIDRS, or add yours to it. Behind a proxy, set TRUST_PROXY: without it, the address of the proxy counts.',
  },
  route_not_found: { status: 404, title: 'No such route', remedy: 'Send events to POST /webhooks/genesys.' },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    remedy: 'Use the method in the Allow header.',
  },
  payload_too_large: {
    status: 413,
    title: 'The body is too large',
    remedy: 'Send fewer events per request, or raise MAX_BODY_BYTES.',
  },
  batch_too_large: {
    status: 413,
    title: 'Too many events in one body',
    remedy: 'Send fewer events per request, or raise MAX_BATCH.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported content type or encoding',
    remedy: 'Send JSON as application/json, another JSON type or text/plain, without Content-Encoding.',
  },
  no_acceptable_event: {
    status: 422,
    title: 'No event in the body is valid',
    remedy: 'See errors[]: each entry has index, path and message.',
  },
  rules_not_valid: {
    status: 422,
    title: 'The rules of the request are not valid',
    remedy: 'See errors[]: each message has line, column and mistake. The rules in force are unchanged.',
  },
  invalid_event: {
    title: 'The event is not valid',
    remedy: 'See the message: it names the field and the expected value.',
  },
  invalid_request: {
    status: 400,
    title: 'The request is not valid',
    remedy: 'See the detail: it names the parameter.',
  },
  request_timeout: { status: 408, title: 'The request took too long to arrive', remedy: 'Send it again.' },
  internal_error: {
    status: 500,
    title: 'Unexpected error',
    remedy: 'Find the request id in the log and report the error.',
  },
  too_many_failures: {
    status: 429,
    title: 'Too many refused credentials from this address',
    remedy:
      'Correct the credential: the service accepts a valid one at once. Wait for Retry-After before you try another one. See WEBHOOK_MAX_FAILURES.',
  },
  inbox_full: {
    status: 503,
    title: 'The inbox is full',
    remedy:
      'Nothing was stored: send again after Retry-After. Find out why delivery is behind; INBOX_MAX_PENDING is the limit.',
  },
  store_unavailable: {
    status: 503,
    title: 'The inbox cannot be written',
    remedy:
      'Nothing was stored: send again after Retry-After. Check whether the disk is full or read-only, or the inbox file was removed: see checks.store of /health.',
  },
  keys_unavailable: {
    status: 503,
    title: 'The credential cannot be verified now',
    remedy:
      'Nothing was stored: send again after Retry-After. The service could not fetch the keys of WEBHOOK_OIDC_ISSUER or the certificate of Amazon SNS: the log line has the cause.',
  },
  overloaded: {
    status: 503,
    title: 'Server overloaded',
    remedy:
      'Nothing was stored: send again after Retry-After. If it happens often, send several events per request, or give the service a faster disk or CPU.',
  },
  shutting_down: {
    status: 503,
    title: 'The service is shutting down',
    remedy: 'Nothing was stored: send again after Retry-After.',
  },
  not_an_ingest_node: {
    status: 503,
    title: 'This node takes no events',
    remedy: 'Nothing was stored: send events to a node with ROLE=ingest or ROLE=all.',
  },
  ...deadLetterErrors,
  // Why delivery waits
  rate_limited: {
    title: 'Genesys Cloud rate limit reached (429)',
    remedy: 'Nothing to do: all calls pause until Retry-After has passed or the rate window resets.',
  },
  credentials_refused: {
    title: 'Genesys Cloud refused the OAuth client',
    remedy:
      'Check GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET and GENESYS_ENV, then restart. Events stay pending.',
  },
  api_unavailable: {
    title: 'Genesys Cloud API unavailable',
    remedy:
      'In an outage, nothing to do: events stay pending, and the service retries with backoff, never before Retry-After. Otherwise check the network, GENESYS_ENV and the URLs.',
  },
  // Notification websockets
  notifications_down: {
    title: 'Notification websocket not connected',
    remedy:
      'If it is brief, nothing to do: the service reconnects with backoff, but events sent meanwhile are lost. Otherwise see the cause in the log: the network to streaming.{GENESYS_ENV}, or a missing permission of the OAuth client.',
  },
  queue_not_found: {
    title: 'Queue not found',
    remedy:
      'Check the names and ids in NOTIFICATIONS_QUEUES, and that the OAuth client has routing:queue:view in the divisions of these queues; then restart. The service receives the other queues.',
  },
  topic_refused: {
    title: 'Genesys Cloud refused a topic',
    remedy:
      'See the cause in the log: give the OAuth client the permission that it names, or remove the topic from NOTIFICATIONS_TOPICS or NOTIFICATIONS_QUEUES; then restart. The service receives the other topics.',
  },
  ...sqsErrors,
  ...ruleErrors,
  participant_busy: {
    title: 'Another delivery holds the participant',
    remedy: 'Nothing to do: the service retries after 100 ms.',
  },
  delivery_stuck: {
    title: 'Delivery is stuck',
    remedy:
      'The service restarts its limiter. If that does not help, /livez fails so that the process is restarted. No event is lost. This is a bug: report it with the log.',
  },
  conflict: {
    title: 'Genesys Cloud reported a conflict (409)',
    remedy: 'Nothing to do: after 5 retries the event becomes a dead letter with the code `rejected`.',
  },
  ...logErrors,
  ...operatorErrors,
  ...commandErrors,
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof errorCatalogue
/** Codes that an HTTP answer can carry. */
export type AnswerCode = {
  [Code in ErrorCode]: (typeof errorCatalogue)[Code] extends { status: number } ? Code : never
}[ErrorCode]
export type { DeadLetterCode } from './dead-letter-errors.ts'

/** The entry of a code that may come from another version; undefined if the catalogue lacks it. */
export const errorEntry = (code: string | undefined): ErrorEntry | undefined =>
  Object.entries<ErrorEntry>(errorCatalogue).find(([name]) => name === code)?.[1]

/** The code of an error of Node.js or SQLite, such as `ENOENT`. */
export const systemCodeOf = (error: unknown, otherwise: string): string =>
  error instanceof Error && 'code' in error ? String(error.code) : otherwise

/** The configuration does not allow a start. Each problem is one or more lines of text for the operator. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  readonly problems: readonly string[]

  constructor(what: string, problems: readonly string[]) {
    super(what)
    this.problems = problems
  }
}

/** An RFC 9457 problem, thrown by a route and answered as `application/problem+json`. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: AnswerCode
  readonly detail: string | undefined
  readonly extra: Readonly<Record<string, unknown>>

  constructor(code: AnswerCode, detail?: string, extra: Readonly<Record<string, unknown>> = {}) {
    super(detail ?? errorCatalogue[code].title)
    this.code = code
    this.detail = detail
    this.extra = extra
  }

  get status(): number {
    return errorCatalogue[this.code].status
  }

  body(): Record<string, unknown> {
    const { title, status, remedy } = errorCatalogue[this.code]
    return {
      type: `urn:genesys-enricher:error:${this.code}`,
      title,
      status,
      code: this.code,
      detail: this.detail === undefined ? remedy : `${this.detail} ${remedy}`,
      ...this.extra,
    }
  }
}
