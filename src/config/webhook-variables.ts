import {
  choice,
  issuer,
  list,
  networks,
  secretList,
  signatureHeader,
  topicArns,
  wholeNumber,
} from './schemas.ts'

/**
 * A `whsec_` secret that is not base64 would decode to a short or empty key, which an attacker can guess. An operator
 * who pastes `v1,whsec_…` from a signature header would add `v1` as a secret.
 */
function problemWithSigningSecret(secret: string, next: string | undefined): string | undefined {
  if (/^v\d\w?$/.test(secret) && next?.startsWith('whs') === true)
    return `is the prefix "${secret}," of a whsec_ secret: remove it, it belongs to signatures, not to the secret`
  if (secret.startsWith('whsec_') && !/^whsec_[A-Za-z0-9+/]*={0,2}$/.test(secret))
    return 'must be plain text or whsec_ followed by base64'
  return undefined
}

/** Who may post events. A part of the catalogue in variables.ts. */
export const webhookVariables = {
  WEBHOOK_SECRETS: {
    schema: secretList({ minLength: 16, uncountedPrefix: 'whsec_', problemWith: problemWithSigningSecret }),
    secret: true,
    meaning:
      'HMAC secrets of relays that sign, comma-separated, newest first. The service accepts each of them. Format: `whsec_<base64>` or plain text, at least 16 characters each.',
  },
  WEBHOOK_TOKENS: {
    schema: secretList({ minLength: 8 }),
    secret: true,
    meaning:
      'Bearer tokens, API keys or basic passwords of relays, comma-separated, newest first. The service accepts each of them. At least 8 characters each. Not needed with `WEBHOOK_SECRETS`, `WEBHOOK_OIDC_ISSUER`, `SNS_TOPIC_ARNS`, `NOTIFICATIONS_QUEUES`, `NOTIFICATIONS_TOPICS` or `SQS_QUEUE_URL`.',
  },
  WEBHOOK_HMAC_HEADER: {
    schema: signatureHeader(),
    meaning:
      'Name of one more header in which a relay sends an HMAC-SHA256 signature, such as `X-Hookdeck-Signature`. [Formats](relays/credentials.md#a-signature-in-another-header). Needs `WEBHOOK_SECRETS`.',
  },
  WEBHOOK_OIDC_ISSUER: {
    schema: issuer(),
    meaning:
      'Issuer of the JWT bearer tokens that the service accepts, exactly as in their claim `iss`, such as `https://accounts.google.com`. The service fetches its public keys from there. Needs `WEBHOOK_OIDC_AUDIENCE`.',
  },
  WEBHOOK_OIDC_AUDIENCE: {
    schema: list(),
    meaning:
      'Audiences of these tokens, comma-separated. The claim `aud` of a token must contain one of them. Needs `WEBHOOK_OIDC_ISSUER`.',
  },
  WEBHOOK_OIDC_SUBJECTS: {
    schema: list(),
    meaning:
      'Senders that may use these tokens, comma-separated: a token needs one of them as `sub` or as verified `email`. Without it, everybody who gets a token for the audience may post events; with Google as issuer, that is everybody with a Google Cloud account.',
  },
  SNS_TOPIC_ARNS: {
    schema: topicArns(),
    meaning:
      'ARNs of Amazon SNS topics, comma-separated. The service accepts messages that SNS signed for these topics, and confirms subscriptions to them.',
  },
  WEBHOOK_AUTH: {
    schema: choice(['required', 'none'], 'required'),
    default: 'required',
    meaning:
      'With `none`, everybody who reaches the port can post events. Use it only in a closed network; the service warns at start.',
  },
  WEBHOOK_MAX_FAILURES: {
    schema: wholeNumber(0, 1_000_000, 20),
    default: '20',
    meaning:
      'Number of refused credentials per client address and minute. Beyond it, the service answers 429 to wrong credentials and logs one line per minute. It always accepts right ones. 0: no limit.',
  },
  WEBHOOK_ALLOWED_CIDRS: {
    schema: networks(),
    meaning:
      'IPv4 and IPv6 addresses and networks that may post events, comma-separated. All others get 403. Without it, all addresses may post.',
  },
} as const
