import type { Http } from '../http/client.ts'
import { type ConfirmationResult, type Counts, count } from '../metrics/totals.ts'
import type { JsonObject } from './envelopes/envelope.ts'

export interface SnsConfirmationsDeps {
  /** The topics whose subscriptions the service confirms. */
  readonly topicArns: readonly string[]
  /** Whether Amazon SNS signed the message. May reject. Absent: no signature can be verified, so none is confirmed. */
  readonly verify?: ((message: JsonObject) => Promise<boolean>) | undefined
  /** Must refuse private addresses, because the URL comes from the message. */
  readonly http: Http
  readonly counts: Counts<ConfirmationResult>
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void }
}

export interface SnsConfirmations {
  /** Confirms the subscription of a message `SubscriptionConfirmation`, and logs the result. Does not wait and never throws. */
  readonly confirm: (message: JsonObject) => void
}

/** A sender with a valid credential could send any number of messages. SNS itself sends one per subscription. */
const maxUnderWay = 10

type Outcome =
  | { readonly result: 'confirmed' }
  | { readonly result: 'refused' | 'failed'; readonly cause: string }

const refused = (cause: string): Outcome => ({ result: 'refused', cause })
const failed = (cause: string): Outcome => ({ result: 'failed', cause })

/**
 * Amazon SNS sends nothing to an endpoint before it has called `SubscribeURL`. Anybody can send such a message, so the service
 * calls only hosts of SNS, for topics that the operator lists, and only if SNS signed the message.
 */
export function createSnsConfirmations(deps: SnsConfirmationsDeps): SnsConfirmations {
  const { counts, log } = deps
  const underWay = new Set<unknown>()

  async function settle(message: JsonObject): Promise<void> {
    const outcome = await confirmOnce(message, deps).catch(() =>
      failed('the signature cannot be checked now'),
    )
    count(counts, outcome.result)
    const topicArn = String(message.TopicArn).slice(0, 300)
    if (outcome.result === 'confirmed') log.info({ topicArn }, 'SNS subscription confirmed')
    else
      log.warn(
        { code: 'sns_not_confirmed', topicArn, cause: outcome.cause },
        'SNS subscription not confirmed',
      )
  }

  return {
    confirm: (message) => {
      const { SubscribeURL: url } = message
      if (underWay.has(url)) return // SNS repeats a message if the answer comes late
      if (underWay.size >= maxUnderWay) {
        count(counts, 'refused')
        log.warn({ code: 'sns_not_confirmed', cause: 'too many at once' }, 'SNS subscription not confirmed')
        return
      }
      underWay.add(url)
      void settle(message).finally(() => underWay.delete(url))
    },
  }
}

async function confirmOnce(
  message: JsonObject,
  { topicArns, verify, http }: SnsConfirmationsDeps,
): Promise<Outcome> {
  const { TopicArn: topicArn, SubscribeURL: url } = message
  if (!topicArns.some((listed) => listed === topicArn)) return refused('the topic is not in SNS_TOPIC_ARNS')
  if (typeof url !== 'string' || !isSubscribeUrl(url))
    return refused('SubscribeURL is not a URL of Amazon SNS')
  if (verify === undefined || !(await verify(message)))
    return refused('the signature of the message is wrong')
  const result = await http({ method: 'GET', url, headers: { accept: '*/*' } })
  if (result.kind === 'failed') return failed(result.detail)
  const { status } = result.answer
  return status === 200 ? { result: 'confirmed' } : failed(`Amazon SNS answered ${status}`)
}

/** `https://sns.<region>.amazonaws.com/…`, also of the regions in China; without port and user. */
export function isSubscribeUrl(text: string): boolean {
  const url = URL.parse(text)
  return (
    url !== null &&
    url.protocol === 'https:' &&
    /^sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/.test(url.host) &&
    url.username === '' &&
    url.password === ''
  )
}
