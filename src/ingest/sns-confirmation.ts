import type { Http } from '../http/client.ts'
import type { Log } from '../log/log.ts'
import type { RareLog } from '../log/rare-log.ts'
import { type ConfirmationResult, type Counts, count } from '../metrics/totals.ts'
import { isSnsHost } from './authenticate/sns-hosts.ts'
import type { SnsVerifier } from './authenticate/sns-signature.ts'
import type { JsonObject } from './envelopes/envelope.ts'

export interface SnsConfirmationsDeps {
  /** Undefined: no topic is configured, so the service confirms no subscription. */
  readonly sns: ConfirmedTopics | undefined
  readonly counts: Counts<ConfirmationResult>
  readonly log: Log<'info' | 'warn'>
  readonly rarely: RareLog
}

export interface ConfirmedTopics extends SnsVerifier {
  /** The topics whose subscriptions the service confirms. */
  readonly topicArns: readonly string[]
  /** Must refuse private addresses, because the URL comes from the message. */
  readonly http: Http
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
 * calls only hosts of SNS, for topics that the operator lists, and only if SNS signed the message. It logs at most one line per
 * result, topic and minute.
 */
export function createSnsConfirmations({ sns, counts, log, rarely }: SnsConfirmationsDeps): SnsConfirmations {
  const underWay = new Set<unknown>()

  async function settle(message: JsonObject): Promise<void> {
    try {
      report(message, await confirmOnce(message, sns))
    } catch (error) {
      // A bug must not end the process, because nobody waits for the promise.
      report({}, failed(error instanceof Error ? error.name : 'unknown'))
    }
  }

  function report({ TopicArn: topicArn }: JsonObject, outcome: Outcome): void {
    count(counts, outcome.result)
    const listed = sns?.topicArns.find((one) => one === topicArn)
    const fields = typeof topicArn === 'string' ? { topicArn: topicArn.slice(0, 300) } : {}
    rarely(`${outcome.result} ${listed ?? ''}`, (messages) => {
      if (outcome.result === 'confirmed')
        return log.info({ ...fields, count: messages }, 'SNS subscription confirmed')
      const { cause } = outcome
      log.warn(
        { code: 'sns_not_confirmed', ...fields, cause, count: messages },
        'SNS subscription not confirmed',
      )
    })
  }

  return {
    confirm: (message) => {
      const { SubscribeURL: url } = message
      if (underWay.has(url)) return // SNS repeats a message if the answer comes late
      if (underWay.size >= maxUnderWay) return report(message, refused('too many at once'))
      underWay.add(url)
      void settle(message).finally(() => underWay.delete(url))
    },
  }
}

async function confirmOnce(message: JsonObject, sns: ConfirmedTopics | undefined): Promise<Outcome> {
  const { TopicArn: topicArn, SubscribeURL: url } = message
  if (sns === undefined || !sns.topicArns.some((listed) => listed === topicArn))
    return refused('the topic is not in SNS_TOPIC_ARNS')
  if (typeof url !== 'string' || !isSubscribeUrl(url))
    return refused('SubscribeURL is not a URL of Amazon SNS')
  const verdict = await sns.check(message)
  if (!verdict.accepted)
    return verdict.unavailable === undefined ? refused(verdict.cause) : failed(verdict.cause)
  const result = await sns.http({ method: 'GET', url, headers: { accept: '*/*' } })
  if (result.kind === 'failed') return failed(result.detail)
  const { status } = result.answer
  return status === 200 ? { result: 'confirmed' } : failed(`Amazon SNS answered ${status}`)
}

/** Any path of `https://sns.<region>.amazonaws.com`. */
export function isSubscribeUrl(text: string): boolean {
  const url = URL.parse(text)
  return (
    url !== null &&
    url.protocol === 'https:' &&
    isSnsHost(url.host) &&
    url.username === '' &&
    url.password === ''
  )
}
