/**
 * The one catalogue of codes. Whatever goes wrong has a code here: in an HTTP answer, on a dead letter, in
 * `/health` or in a log line. docs/errors.md tells the same, and a test compares the two.
 */
export interface ErrorEntry {
  /** HTTP status of the answer, where the code is one of an answer. */
  readonly status?: number
  /** The same words for each occurrence (RFC 9457 `title`). */
  readonly title: string
  /** What the reader can do. */
  readonly remedy: string
}

export const errorCatalogue = {
  // Answers to senders
  invalid_json: {
    status: 400,
    title: 'The body is not JSON',
    remedy: 'Send one event or an array of events as JSON, or one event a line (NDJSON).',
  },
  unauthorized: {
    status: 401,
    title: 'No accepted credential or signature',
    remedy:
      'Send a bearer token, API key, basic password or signature that this service knows; signatures need a clock within 5 minutes. The log tells the cause.',
  },
  address_not_allowed: {
    status: 403,
    title: 'Events may not come from this address',
    remedy:
      "Send from an address in WEBHOOK_ALLOWED_CIDRS, or add yours. Behind a proxy, TRUST_PROXY decides whether the sender's address or the proxy's counts.",
  },
  route_not_found: { status: 404, title: 'No such route', remedy: 'Events go to POST /webhooks/genesys.' },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    remedy: 'Use the method in the Allow header.',
  },
  payload_too_large: {
    status: 413,
    title: 'The body is too large',
    remedy: 'Send fewer events at once, or raise MAX_BODY_BYTES.',
  },
  batch_too_large: {
    status: 413,
    title: 'Too many events in one body',
    remedy: 'Send fewer events at once, or raise MAX_BATCH.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported content type or encoding',
    remedy: 'Send JSON as application/json (or another JSON type, or text/plain), without Content-Encoding.',
  },
  no_acceptable_event: {
    status: 422,
    title: 'No event in the body is acceptable',
    remedy: 'See errors[]: index, path and message.',
  },
  invalid_event: {
    title: 'The event is not acceptable',
    remedy: 'See the message: it names the field and what it must be.',
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
    remedy: 'Look for the request id in the log and report it.',
  },
  too_many_failures: {
    status: 429,
    title: 'Too many refused credentials from this address',
    remedy:
      'Send a credential that this service knows: it is accepted at once. Others are refused; wait for Retry-After before another try. See WEBHOOK_MAX_FAILURES.',
  },
  inbox_full: {
    status: 503,
    title: 'The inbox is full',
    remedy:
      'Nothing was stored: send again after Retry-After. See INBOX_MAX_PENDING and why delivery is behind.',
  },
  store_unavailable: {
    status: 503,
    title: 'The inbox cannot be written',
    remedy: 'Nothing was stored: send again after Retry-After. Check the disk (full? read-only?).',
  },
  overloaded: {
    status: 503,
    title: 'Too much is sent at once',
    remedy:
      'Nothing was stored: send again after Retry-After. If it happens often, send several events in one request, or give the service a faster disk or processor.',
  },
  shutting_down: {
    status: 503,
    title: 'The service is shutting down',
    remedy: 'Nothing was stored: send again after Retry-After.',
  },
  // Dead letters
  not_found: {
    title: 'Genesys Cloud does not know the conversation or participant',
    remedy: 'Check that the ids are of this org and region, and that the OAuth client sees the division.',
  },
  participant_not_found: {
    title: 'There is no participant to set the values on',
    remedy:
      'Either the event names none and no rule says which one (let the relay send participantId, or give the rule a target), or no participant of the conversation fits the target of the rules in the detail.',
  },
  forbidden: {
    title: 'Genesys Cloud refuses access',
    remedy:
      "Give the OAuth client a role in the conversation's division (roles default to the Home division) with the permission named in the detail, if any.",
  },
  rejected: {
    title: 'Genesys Cloud rejects the change',
    remedy: "The detail holds Genesys's own code and message.",
  },
  expired: {
    title: 'Not delivered in time',
    remedy: 'See why delivery was behind (state, budget, dead letters); EVENT_MAX_AGE_MS is the bound.',
  },
  // Why delivery waits
  odd_field: {
    title: 'A field of an event has an unexpected type or form',
    remedy:
      'The event is accepted: a number is read as text, anything else counts as absent. Logged once for each field and counted. Correct the relay; if Genesys Cloud sends it, please report it.',
  },
  rate_limited: {
    title: 'Genesys Cloud asked to wait',
    remedy: 'Nothing to do: every call waits until Retry-After has passed, or the rate window resets.',
  },
  credentials_refused: {
    title: 'Genesys Cloud refuses the OAuth client',
    remedy:
      'Check GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET and the region; events stay pending, tried again with backoff.',
  },
  api_unavailable: {
    title: 'Genesys Cloud fails or cannot be reached',
    remedy:
      'Nothing to do if it is an outage: events stay pending, tried again with backoff and no earlier than a Retry-After says. Else check the network and the URLs.',
  },
  // Why the service does not hear everything
  notifications_down: {
    title: 'The notification websocket is not open',
    remedy:
      'Nothing to do if it is brief: it is opened again with backoff, but what is said meanwhile is lost. Else see the cause in the log: the network to streaming.{region}, or a permission that the OAuth client lacks.',
  },
  queue_not_found: {
    title: 'Genesys Cloud knows no such queue',
    remedy:
      'Check the names and ids in NOTIFICATIONS_QUEUES, and that the OAuth client may view queues (routing:queue:view) in their divisions; then restart. The others are heard.',
  },
  topic_refused: {
    title: 'Genesys Cloud refuses a topic',
    remedy:
      'See the cause in the log: give the OAuth client the permission it names, or take the topic out of NOTIFICATIONS_TOPICS or NOTIFICATIONS_QUEUES; then restart. The others are heard.',
  },
  rules_invalid: {
    title: 'The rules file is not valid',
    remedy:
      'The log names each mistake with its line; until it is mended, the last valid rules stay in force.',
  },
  tls_invalid: {
    title: 'The TLS files are not valid',
    remedy:
      'The log names the file: certificate and key must belong together, as PEM. Until they are mended, the last valid ones stay in use.',
  },
  lookup_failed: {
    title: 'A lookup with onError: retry failed',
    remedy: 'See whether the service it asks answers, and how: the event is tried again with backoff.',
  },
  participant_busy: {
    title: 'Another event of the participant is being delivered',
    remedy: 'Nothing to do: the event follows at once.',
  },
  delivery_stuck: {
    title: 'Delivery hangs',
    remedy:
      'The service makes its limiter anew; if that does not help, /livez fails so that the process is restarted. Nothing is lost; report it with the log.',
  },
  conflict: {
    title: 'Genesys Cloud reports a conflict',
    remedy: 'Tried again 5 times, then a dead letter `rejected`.',
  },
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof errorCatalogue
/** Codes that an HTTP answer can carry. */
export type AnswerCode = {
  [Code in ErrorCode]: (typeof errorCatalogue)[Code] extends { status: number } ? Code : never
}[ErrorCode]
/** Codes under which an event can end as a dead letter. */
export type DeadLetterCode = 'not_found' | 'participant_not_found' | 'forbidden' | 'rejected' | 'expired'

/** The service cannot start as it is configured; each problem is a line (or a few) for a person. */
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
