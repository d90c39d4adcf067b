import { verify as verifySignature } from 'node:crypto'
import { z } from 'zod'
import { isObject, readJson } from '../../values/json.ts'
import { safeParse } from '../../values/safe-parse.ts'
import { type Credentials, header, type Refused, type Verdict } from './credentials.ts'
import { createCertificates, type FetchCertificate, isCertificateUrl } from './sns-certificates.ts'

export interface SnsVerifier {
  /** Whether Amazon SNS signed the message, for a topic of the list. Never rejects. */
  check(message: Readonly<Record<string, unknown>>): Promise<Verdict>
}

export interface SnsVerifierOptions {
  readonly topicArns: readonly string[]
  readonly fetchCertificate: FetchCertificate
  /** Epoch ms. */
  readonly now: () => number
  /** In ms. */
  readonly monotonic: () => number
}

const common = {
  Message: z.string(),
  MessageId: z.string(),
  Signature: z.string(),
  SignatureVersion: z.enum(['1', '2']),
  SigningCertURL: z.string().refine(isCertificateUrl),
  Timestamp: z.string(),
  TopicArn: z.string(),
}
const signedMessage = z.discriminatedUnion('Type', [
  z.object({ ...common, Type: z.literal('Notification'), Subject: z.string().nullish() }),
  z.object({
    ...common,
    Type: z.enum(['SubscriptionConfirmation', 'UnsubscribeConfirmation']),
    SubscribeURL: z.string(),
    Token: z.string(),
  }),
])
type SignedMessage = z.output<typeof signedMessage>

const digests = { 1: 'sha1', 2: 'sha256' } as const

/**
 * The text that Amazon SNS signs ("Verifying the signatures of Amazon SNS messages" in its developer guide): names and values
 * of these fields, one per line, in this order. `MessageAttributes` and `UnsubscribeURL` are not signed.
 */
function signedText(message: SignedMessage): string {
  const { Message, MessageId, Timestamp, TopicArn, Type } = message
  const fields =
    message.Type === 'Notification'
      ? { Message, MessageId, Subject: message.Subject, Timestamp, TopicArn, Type }
      : {
          Message,
          MessageId,
          SubscribeURL: message.SubscribeURL,
          Timestamp,
          Token: message.Token,
          TopicArn,
          Type,
        }
  return Object.entries(fields)
    .filter(([, value]) => typeof value === 'string')
    .map(([name, value]) => `${name}\n${value}\n`)
    .join('')
}

/**
 * Amazon SNS ends its retries to HTTP and HTTPS endpoints after an hour ("Creating an Amazon SNS delivery policy" in its
 * developer guide), so an older message is a replay. The rest is spare.
 */
const maxAgeMs = 6 * 60 * 60_000
const maxAheadMs = 5 * 60_000

/** Verifies signatures of Amazon SNS, versions 1 and 2. */
export function createSnsVerifier({
  topicArns,
  fetchCertificate,
  now,
  monotonic,
}: SnsVerifierOptions): SnsVerifier {
  const certificates = createCertificates(fetchCertificate, monotonic)

  async function check(given: Readonly<Record<string, unknown>>): Promise<Verdict> {
    const { TopicArn: topicArn } = given
    const position = typeof topicArn === 'string' ? topicArns.indexOf(topicArn) + 1 : 0
    // As if it had no signature: SNS sends the password in the URL of such a subscription only after a challenge.
    if (position === 0)
      return { ...refused('the topic of the SNS message is not in SNS_TOPIC_ARNS'), missing: true }
    const parsed = safeParse(signedMessage, given)
    if (!parsed.success)
      return refused(`the SNS message has no valid ${parsed.error.issues[0]?.path.join('.') ?? 'form'}`)
    const message = parsed.data
    const at = now()
    const ageMs = at - Date.parse(message.Timestamp)
    if (!(ageMs <= maxAgeMs && ageMs >= -maxAheadMs))
      return refused('the SNS message is older than 6 hours, or more than 5 minutes ahead of the clock')
    const result = await certificates.at(message.SigningCertURL)
    if (result.kind !== 'certificate') {
      const cause = `certificate of Amazon SNS not available: ${message.SigningCertURL}: ${result.detail}`
      return { ...refused(cause), ...(result.kind === 'failed' && { unavailable: 'sns' }) }
    }
    const { publicKey, validFrom, validTo } = result.certificate
    if (at < validFrom || at > validTo)
      return refused('the certificate of the SNS message has expired or is not valid yet')
    const signature = Buffer.from(message.Signature, 'base64')
    const text = Buffer.from(signedText(message))
    if (!verifySignature(digests[message.SignatureVersion], text, publicKey, signature))
      return refused('the signature of the SNS message is wrong')
    certificates.keep(message.SigningCertURL, result.certificate)
    return { accepted: true, scheme: 'sns', position }
  }

  return { check }
}

/** Amazon SNS marks all its requests. With raw delivery, the body is the event alone, without a signature. */
export const isSnsRequest = (headers: Credentials['headers']): boolean =>
  header({ headers }, 'x-amz-sns-message-type') !== undefined

/** The body, if it is one signed message of Amazon SNS. */
export function snsMessageOf({ headers, rawBody }: Credentials): Record<string, unknown> | undefined {
  if (!isSnsRequest(headers)) return undefined
  const json = readJson(rawBody)
  if (json.kind !== 'json' || !isObject(json.value)) return undefined
  const { Type, TopicArn, Signature } = json.value
  return [Type, TopicArn, Signature].every((field) => typeof field === 'string') ? json.value : undefined
}

const refused = (cause: string): Refused => ({ accepted: false, cause })
