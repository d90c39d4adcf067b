import assert from 'node:assert/strict'
import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { test } from 'node:test'
import { createAddressGuard, guardDns } from '../../src/http/address-guard.ts'
import { createHttp, type Http, type HttpResult } from '../../src/http/client.ts'
import type { SnsVerifier } from '../../src/ingest/authenticate/sns-signature.ts'
import { createSnsConfirmations, isSubscribeUrl } from '../../src/ingest/sns-confirmation.ts'
import { createRareLog } from '../../src/log/rare-log.ts'
import { createDetails } from '../../src/metrics/totals.ts'
import { subscriptionConfirmation } from '../helpers/carriers.ts'
import { captureLog } from '../helpers/log.ts'
import { until } from '../helpers/wait.ts'

const topicArn = 'arn:aws:sns:eu-central-1:123456789012:genesys-events'
const answered = (status: number): HttpResult => ({
  kind: 'answered',
  answer: { status, headers: {}, body: '<ConfirmSubscriptionResponse/>' },
})

interface Situation {
  readonly topicArns?: readonly string[]
  readonly check?: SnsVerifier['check']
  readonly http?: Http
}

const accepted = { accepted: true, scheme: 'sns', position: 1 } as const

function setUp({ topicArns = [topicArn], ...situation }: Situation = {}) {
  const { snsConfirmations: counts } = createDetails()
  const log = captureLog()
  const called: string[] = []
  const clock = { ms: 0 }
  const { confirm } = createSnsConfirmations({
    sns: {
      topicArns,
      check: async () => accepted,
      http: async ({ url }) => {
        called.push(url)
        return answered(200)
      },
      ...situation,
    },
    counts,
    log: log.logger,
    rarely: createRareLog({ monotonic: () => clock.ms }),
  })
  const settled = (result: 'confirmed' | 'refused' | 'failed', times = 1) =>
    until(result, () => counts.get(result) === times)
  return { confirm, called, counts, clock, log, settled }
}

test('a signed confirmation of a listed topic is confirmed with one GET, logged and counted', async () => {
  const { confirm, called, log, settled } = setUp()
  const message = subscriptionConfirmation()
  confirm(message)
  await settled('confirmed')
  assert.deepEqual(called, [message.SubscribeURL])
  const [line] = log.entries()
  assert.deepEqual([line?.msg, line?.topicArn], ['SNS subscription confirmed', topicArn])
})

for (const [name, situation, changes, cause] of [
  ['a topic that is not listed', { topicArns: [] }, {}, /not in SNS_TOPIC_ARNS/],
  ['another topic', {}, { TopicArn: `${topicArn}-2` }, /not in SNS_TOPIC_ARNS/],
  [
    'a wrong signature',
    { check: async () => ({ accepted: false, cause: 'wrong signature' }) as const },
    {},
    /wrong signature/,
  ],
  ['a URL of another host', {}, { SubscribeURL: 'https://example.com/' }, /not a URL of Amazon SNS/],
] as const) {
  test(`${name} is refused without a call`, async () => {
    const { confirm, called, log, settled } = setUp(situation)
    confirm(subscriptionConfirmation(changes))
    await settled('refused')
    assert.deepEqual(called, [])
    const [line] = log.entries()
    assert.equal(line?.code, 'sns_not_confirmed')
    assert.match(String(line?.cause), cause)
    assert.doesNotMatch(JSON.stringify(log.entries()), /2336412f37/, 'the token is not logged')
  })
}

test('without topics, nothing is confirmed', async () => {
  const { snsConfirmations: counts } = createDetails()
  const log = captureLog()
  const rarely = createRareLog({ monotonic: () => 0 })
  const { confirm } = createSnsConfirmations({ sns: undefined, counts, log: log.logger, rarely })
  confirm(subscriptionConfirmation())
  await until('it is refused', () => counts.get('refused') === 1)
  assert.match(String(log.entries()[0]?.cause), /not in SNS_TOPIC_ARNS/)
})

test('a topic that cannot become text ends nothing, and is not logged', async () => {
  const { confirm, log, settled } = setUp()
  confirm(subscriptionConfirmation({ TopicArn: { toString: 1, valueOf: 1 } }))
  await settled('refused')
  const [line] = log.entries()
  assert.equal(line?.code, 'sns_not_confirmed')
  assert.equal(line?.topicArn, undefined)
})

test('a bug while a subscription is confirmed is logged and counted as failed', async () => {
  const { confirm, log, settled } = setUp({ http: () => Promise.reject(new TypeError('bug')) })
  confirm(subscriptionConfirmation())
  await settled('failed')
  assert.equal(log.entries()[0]?.cause, 'TypeError')
})

test('one line per result, topic and minute is logged', async () => {
  const { confirm, clock, counts, log, settled } = setUp()
  for (let n = 0; n < 5; n += 1) {
    confirm(
      subscriptionConfirmation({ TopicArn: `${topicArn}-${n}`, SubscribeURL: `https://example.com/${n}` }),
    )
    await settled('refused', n + 1)
  }
  confirm(subscriptionConfirmation())
  await settled('confirmed')
  clock.ms += 60_000
  confirm(subscriptionConfirmation({ TopicArn: `${topicArn}-6` }))
  await settled('refused', 6)
  assert.equal(counts.get('refused'), 6)
  assert.deepEqual(
    log.entries().map(({ msg, count }) => [msg, count]),
    [
      ['SNS subscription not confirmed', 1],
      ['SNS subscription confirmed', 1],
      ['SNS subscription not confirmed', 5],
    ],
  )
})

for (const [name, situation, cause] of [
  ['a refusing answer', { http: async () => answered(403) }, 'Amazon SNS answered 403'],
  ['no answer', { http: async () => ({ kind: 'failed', detail: 'ECONNRESET' }) as const }, 'ECONNRESET'],
  [
    'a certificate that cannot be fetched',
    { check: async () => ({ accepted: false, cause: 'status 500', unavailable: 'sns' }) as const },
    'status 500',
  ],
] as const) {
  test(`${name} is logged and counted as failed`, async () => {
    const { confirm, log, settled } = setUp(situation)
    confirm(subscriptionConfirmation())
    await settled('failed')
    assert.equal(log.entries()[0]?.cause, cause)
  })
}

test('a name that resolves to a private address is not called', async (t) => {
  const resolve: LookupFunction = (_name, _options, done) => {
    done(null, [{ address: '127.0.0.1', family: 4 }] satisfies LookupAddress[], 4)
  }
  const client = createHttp({
    timeoutMs: 5_000,
    maxSockets: 1,
    lookup: guardDns(resolve, createAddressGuard()),
  })
  t.after(() => client.close())
  const { confirm, log, settled } = setUp({ http: client.http })
  confirm(subscriptionConfirmation())
  await settled('failed')
  assert.equal(log.entries()[0]?.cause, 'ERR_ADDRESS_REFUSED')
})

test('a repeated message is confirmed once while it is under way, and the number under way is limited', async () => {
  const waiting = Promise.withResolvers<HttpResult>()
  const { confirm, settled } = setUp({ http: () => waiting.promise })
  for (let n = 0; n < 2; n += 1) confirm(subscriptionConfirmation())
  for (let n = 0; n < 10; n += 1)
    confirm(subscriptionConfirmation({ SubscribeURL: `https://sns.eu-central-1.amazonaws.com/?Token=${n}` }))
  await settled('refused')
  waiting.resolve(answered(200))
  await settled('confirmed', 10)
})

test('only HTTPS URLs of Amazon SNS are called', () => {
  for (const url of [
    'https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription',
    'https://sns.us-gov-west-1.amazonaws.com/',
    'https://sns.cn-north-1.amazonaws.com.cn/?Action=ConfirmSubscription',
    'https://SNS.us-east-1.AMAZONAWS.com:443/',
  ])
    assert.ok(isSubscribeUrl(url), url)
  for (const url of [
    'http://sns.us-east-1.amazonaws.com/',
    'https://sns.us-east-1.amazonaws.com:8443/',
    'https://sns.us-east-1.amazonaws.com.example.com/',
    'https://sns.us-east-1.amazonaws.com.cn.example.com/',
    'https://sns.us-east-1.example.com/?x=.amazonaws.com',
    'https://evil.com/sns.us-east-1.amazonaws.com/',
    'https://sns.us-east-1.amazonaws.com@evil.com/',
    'https://user:pass@sns.us-east-1.amazonaws.com/',
    'https://sns.amazonaws.com/',
    'https://sns.a.b.amazonaws.com/',
    'https://s3.us-east-1.amazonaws.com/',
    'file:///sns.us-east-1.amazonaws.com/',
    'no url',
  ])
    assert.ok(!isSubscribeUrl(url), url)
})
