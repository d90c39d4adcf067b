import assert from 'node:assert/strict'
import type { LookupFunction } from 'node:net'
import { type TestContext, test } from 'node:test'
import { createSnsVerifier } from '../../src/ingest/authenticate/sns-signature.ts'
import { openAuthentication } from '../../src/ingest/open-authentication.ts'
import { createSnsConfirmations } from '../../src/ingest/sns-confirmation.ts'
import { createRareLog } from '../../src/log/rare-log.ts'
import { createDetails } from '../../src/metrics/totals.ts'
import { subscriptionConfirmation } from '../helpers/carriers.ts'
import { skipWithoutOpenssl } from '../helpers/certificates.ts'
import { canonicalItem } from '../helpers/events.ts'
import { valuesOf } from '../helpers/exposition.ts'
import { startIngest, token } from '../helpers/ingest-server.ts'
import { captureLog } from '../helpers/log.ts'
import { relayToken, startService } from '../helpers/service.ts'
import { createSnsSender, topicArn } from '../helpers/sns.ts'
import { startTokenIssuer } from '../helpers/token-issuer.ts'
import { until } from '../helpers/wait.ts'

const { Signature: _, Timestamp: __, ...unsigned } = subscriptionConfirmation()
const audience = 'https://enricher.example.com'

/** A running service that accepts only tokens of an issuer. */
async function startWithIssuer(t: TestContext) {
  const issuer = await startTokenIssuer(t)
  const url = await startService(t, {
    environment: { WEBHOOK_TOKENS: '', WEBHOOK_OIDC_ISSUER: issuer.url, WEBHOOK_OIDC_AUDIENCE: audience },
  })
  const post = async (token: string) => {
    const answer = await fetch(`${url}/webhooks/genesys`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(canonicalItem()),
    })
    const { code } = (await answer.json()) as { code?: string }
    return { status: answer.status, code, retryAfter: answer.headers.get('retry-after') }
  }
  const metric = async (name: string) =>
    valuesOf(await (await fetch(`${url}/metrics`)).text(), `genesys_enricher_${name}`)
  return { issuer, post, metric }
}

test('a running service accepts a token of the issuer and counts it', async (t) => {
  const { issuer, post, metric } = await startWithIssuer(t)
  assert.equal((await post(await issuer.sign(Date.now()))).status, 202)
  const other = await issuer.sign(Date.now(), { claims: { aud: 'https://other.example.com' } })
  assert.deepEqual(await post(other), { status: 401, code: 'unauthorized', retryAfter: null })
  assert.equal((await post('no-jwt')).status, 401)
  assert.deepEqual(await metric('webhook_auth_total'), { 'jwt,1': 1 })
})

test('a running service answers 503 while the issuer is down, and counts it', async (t) => {
  const { issuer, post, metric } = await startWithIssuer(t)
  issuer.answer = { status: 500 }
  const answer = await post(await issuer.sign(Date.now()))
  assert.deepEqual([answer.status, answer.code], [503, 'keys_unavailable'])
  assert.match(answer.retryAfter ?? '', /^\d+$/)
  assert.deepEqual(await metric('webhook_keys_unavailable_total'), { jwt: 1, sns: 0 })
})

/** Ingest that accepts messages of SNS, whose hosts resolve with `publicLookup`. */
async function ingestOfSns(t: TestContext, publicLookup: LookupFunction) {
  const uses = new Map<string, number>()
  const { snsConfirmations: confirmations } = createDetails()
  const counts = { credentials: uses, snsConfirmations: confirmations }
  const senders = await openAuthentication(
    { auth: 'required', secrets: [], tokens: [], oidc: undefined, topicArns: [topicArn] },
    {
      counts,
      publicLookup,
      log: captureLog().logger,
      now: Date.now,
      monotonic: () => performance.now(),
    },
  )
  t.after(senders.close)
  return { ...senders, uses, confirmations }
}

const skip = skipWithoutOpenssl

test('the certificate of SNS is fetched with the lookup that refuses private addresses', {
  skip,
}, async (t) => {
  const resolved: string[] = []
  const senders = await ingestOfSns(t, (host, _options, callback) => {
    resolved.push(host)
    callback(Object.assign(new Error('refused'), { code: 'ERR_ADDRESS_REFUSED' }), [])
  })
  const sender = await createSnsSender(t)
  const { authentication } = senders
  const credentials = {
    headers: { 'x-amz-sns-message-type': 'Notification' },
    rawBody: Buffer.from(JSON.stringify(sender.sign())),
  }
  const first = authentication.verify(credentials, Date.now())
  assert.ok(!first.accepted)
  const verdict = await authentication.verifyFetched(credentials, Date.now(), first)
  assert.deepEqual(resolved, ['sns.eu-central-1.amazonaws.com'])
  assert.ok(verdict !== undefined && !verdict.accepted)
  assert.equal(verdict.unavailable, 'sns')
  assert.match(verdict.cause, /ERR_ADDRESS_REFUSED/)
  assert.deepEqual([...senders.uses], [['sns 1', 0]])
})

test('a confirmation is refused while the certificate cannot be fetched, and counted', {
  skip,
}, async (t) => {
  const sender = await createSnsSender(t)
  const { confirmSubscription, confirmations } = await ingestOfSns(t, (_host, _options, callback) => {
    callback(Object.assign(new Error('refused'), { code: 'ERR_ADDRESS_REFUSED' }), [])
  })
  confirmSubscription(sender.sign(unsigned))
  await until('it failed', () => confirmations.get('failed') === 1)
})

test('a running service refuses a confirmation that SNS did not sign, and counts it', async (t) => {
  const url = await startService(t, { environment: { SNS_TOPIC_ARNS: topicArn } })
  const answer = await fetch(`${url}/webhooks/genesys`, {
    method: 'POST',
    headers: { 'x-api-key': relayToken, 'content-type': 'text/plain; charset=UTF-8' },
    body: JSON.stringify({ ...subscriptionConfirmation(), SigningCertURL: 'https://example.com/a.pem' }),
  })
  assert.equal(answer.status, 202)
  await until('it is counted', async () => {
    const metrics = await (await fetch(`${url}/metrics`)).text()
    return valuesOf(metrics, 'genesys_enricher_sns_confirmations_total').refused === 1
  })
})

test('a confirmation that SNS signed authenticates itself and is confirmed', { skip }, async (t) => {
  const sender = await createSnsSender(t)
  const { fetchCertificate } = sender
  const monotonic = () => performance.now()
  const sns = createSnsVerifier({ topicArns: [topicArn], fetchCertificate, now: Date.now, monotonic })
  const { snsConfirmations: counts } = createDetails()
  const called: string[] = []
  const { confirm } = createSnsConfirmations({
    sns: {
      ...sns,
      topicArns: [topicArn],
      http: async ({ url }) => {
        called.push(url)
        return { kind: 'answered', answer: { status: 200, headers: {}, body: '' } }
      },
    },
    counts,
    log: captureLog().logger,
    rarely: createRareLog({ monotonic }),
  })
  const { post } = await startIngest(t, { auth: { tokens: [], sns }, confirmSubscription: confirm })
  const message = sender.sign(unsigned)
  const headers = { 'content-type': 'text/plain', 'x-amz-sns-message-type': 'SubscriptionConfirmation' }
  const answer = await post(message, { authorization: '', ...headers })
  assert.deepEqual([answer.statusCode, answer.json().ignored], [202, 1])
  await until('it is confirmed', () => counts.get('confirmed') === 1)
  assert.deepEqual(called, [message.SubscribeURL])
  const forged = { ...message, SubscribeURL: 'https://sns.eu-central-1.amazonaws.com/?Action=Other' }
  assert.equal((await post(forged, { authorization: '', ...headers })).statusCode, 401)
})

test('a confirmation with another credential is confirmed only if SNS signed it', { skip }, async (t) => {
  const sender = await createSnsSender(t)
  const { fetchCertificate } = sender
  const monotonic = () => performance.now()
  const { check } = createSnsVerifier({ topicArns: [topicArn], fetchCertificate, now: Date.now, monotonic })
  const { snsConfirmations: counts } = createDetails()
  const { confirm } = createSnsConfirmations({
    sns: { topicArns: [topicArn], check, http: async () => assert.fail('it calls nothing') },
    counts,
    log: captureLog().logger,
    rarely: createRareLog({ monotonic }),
  })
  const { post } = await startIngest(t, { confirmSubscription: confirm })
  assert.equal((await post(subscriptionConfirmation())).statusCode, 202)
  await until('it is refused', () => counts.get('refused') === 1)
})

test('a confirmation whose topic cannot become text does not end the service', async (t) => {
  const url = await startService(t, { environment: { SNS_TOPIC_ARNS: topicArn } })
  const send = (body: unknown) =>
    fetch(`${url}/webhooks/genesys`, {
      method: 'POST',
      headers: { 'x-api-key': relayToken, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const odd = { toString: 1, valueOf: 1 }
  assert.equal((await send({ ...subscriptionConfirmation(), TopicArn: odd })).status, 202)
  assert.equal((await send(subscriptionConfirmation())).status, 202)
})

test('a message of another topic gets the challenge for its password, and is no failure', {
  skip,
}, async (t) => {
  const sender = await createSnsSender(t)
  const { fetchCertificate } = sender
  const monotonic = () => performance.now()
  const sns = createSnsVerifier({ topicArns: [topicArn], fetchCertificate, now: Date.now, monotonic })
  const { post, log } = await startIngest(t, { auth: { sns }, maxFailures: 1 })
  const headers = { 'content-type': 'text/plain', 'x-amz-sns-message-type': 'Notification' }
  const message = sender.sign({ TopicArn: `${topicArn}-2`, Message: JSON.stringify(canonicalItem()) })
  for (let delivery = 0; delivery < 3; delivery += 1) {
    const challenge = await post(message, { ...headers, authorization: '' })
    assert.equal(challenge.statusCode, 401)
    assert.equal(challenge.headers['www-authenticate'], 'Basic realm="genesys-enricher"')
  }
  assert.deepEqual(log.entries(), [])
  const authorization = `Basic ${Buffer.from(`sns:${token}`).toString('base64')}`
  assert.equal((await post(message, { ...headers, authorization })).statusCode, 202)
  const forged = await post({ ...sender.sign(), Message: '{}' }, { ...headers, authorization: '' })
  assert.deepEqual([forged.statusCode, forged.headers['www-authenticate']], [401, 'Bearer'])
  assert.equal(log.entries().filter(({ msg }) => msg === 'webhook refused').length, 1)
})

test('without tokens, a message of another topic is a failure', { skip }, async (t) => {
  const sender = await createSnsSender(t)
  const { fetchCertificate } = sender
  const monotonic = () => performance.now()
  const sns = createSnsVerifier({ topicArns: [topicArn], fetchCertificate, now: Date.now, monotonic })
  const { post, log } = await startIngest(t, { auth: { tokens: [], sns } })
  const headers = {
    'content-type': 'text/plain',
    'x-amz-sns-message-type': 'Notification',
    authorization: '',
  }
  const answer = await post(sender.sign({ TopicArn: `${topicArn}-2` }), headers)
  assert.deepEqual([answer.statusCode, answer.headers['www-authenticate']], [401, 'Bearer'])
  assert.match(String(log.entries().find(({ msg }) => msg === 'webhook refused')?.cause), /^the topic of/)
})

test('a signed message of SNS as text/plain authenticates its request', { skip }, async (t) => {
  const sender = await createSnsSender(t)
  const { fetchCertificate } = sender
  const monotonic = () => performance.now()
  const sns = createSnsVerifier({ topicArns: [topicArn], fetchCertificate, now: Date.now, monotonic })
  const uses: string[] = []
  const { post } = await startIngest(t, {
    auth: { tokens: [], sns },
    onAuthenticated: (scheme, position) => uses.push(`${scheme} ${position}`),
  })
  const send = (body: unknown, headers: Record<string, string> = {}) =>
    post(body, {
      authorization: '',
      'content-type': 'text/plain; charset=UTF-8',
      'x-amz-sns-message-type': 'Notification',
      ...headers,
    })
  const message = sender.sign({ Message: JSON.stringify(canonicalItem()) })
  await send(message)
  assert.deepEqual(uses, ['sns 1'])
  for (const wrong of [
    { ...message, Message: '{}' },
    [message],
    {},
    sender.sign({ TopicArn: `${topicArn}-2` }),
  ])
    assert.equal((await send(wrong)).statusCode, 401)
  assert.equal((await post(message, { authorization: '' })).statusCode, 401, 'without the header of SNS')
  assert.deepEqual(uses, ['sns 1'])
})
