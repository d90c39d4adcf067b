import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  createFetchCertificate,
  type FetchCertificate,
  isCertificateUrl,
} from '../../../src/ingest/authenticate/sns-certificates.ts'
import { createSnsVerifier, snsMessageOf } from '../../../src/ingest/authenticate/sns-signature.ts'
import { skipWithoutOpenssl } from '../../helpers/certificates.ts'
import { rounds } from '../../helpers/rounds.ts'
import { certificateUrl, createSnsSender, type SnsMessage, topicArn } from '../../helpers/sns.ts'

const skip = skipWithoutOpenssl
const otherArn = 'arn:aws:sns:us-east-1:123456789012:other'

const sender = skip ? undefined : await createSnsSender({ after: (stop) => process.once('beforeExit', stop) })
const signed = (changes: SnsMessage = {}): SnsMessage => sender?.sign(changes) ?? {}

function setUp(fetchCertificate: FetchCertificate | undefined = sender?.fetchCertificate) {
  const clock = { now: Date.now(), ms: 1_000_000 }
  const verifier = createSnsVerifier({
    topicArns: [otherArn, topicArn],
    fetchCertificate: fetchCertificate ?? (async () => ({ kind: 'failed', detail: 'no certificate' })),
    now: () => clock.now,
    monotonic: () => clock.ms,
  })
  return { ...verifier, clock }
}

const confirmation = {
  Type: 'SubscriptionConfirmation',
  Token: '2336412f37fb687f5d51e6e2425dacbbaa',
  Message: 'You have chosen to subscribe to the topic.',
  SubscribeURL: 'https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=2336412f',
}

for (const SignatureVersion of ['1', '2']) {
  for (const [what, changes] of [
    ['a notification', {}],
    ['a notification with a subject', { Subject: 'conversation' }],
    ['a notification with an empty subject', { Subject: '' }],
    ['a notification with line breaks and other scripts', { Message: 'a\nb\r\n漢字 🎧' }],
    [
      'a notification with attributes, which are not signed',
      { MessageAttributes: { a: { Type: 'String' } } },
    ],
    ['a subscription confirmation', confirmation],
    ['an unsubscribe confirmation', { ...confirmation, Type: 'UnsubscribeConfirmation' }],
    [
      'a message of China',
      { SigningCertURL: 'https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-ab.pem' },
    ],
    [
      'a message of the European Sovereign Cloud',
      { SigningCertURL: 'https://sns.eusc-de-east-1.amazonaws.eu/SimpleNotificationService-ab.pem' },
    ],
  ] as const) {
    test(`version ${SignatureVersion}: ${what} is accepted`, { skip }, async () => {
      const message = signed({ SignatureVersion, ...changes })
      assert.deepEqual(await setUp().check(message), { accepted: true, scheme: 'sns', position: 2 })
    })
  }

  for (const field of ['Message', 'MessageId', 'Timestamp', 'Subject', 'Signature']) {
    test(`version ${SignatureVersion}: a message whose ${field} was changed is refused`, {
      skip,
    }, async () => {
      const message = signed({ SignatureVersion, Subject: 'a subject' })
      const verdict = await setUp().check({ ...message, [field]: `${message[field]} ` })
      // Trailing white space does not change a base64 text, so this signature stays valid.
      assert.equal(verdict.accepted, field === 'Signature')
      assert.equal((await setUp().check({ ...message, [field]: `A${message[field]}` })).accepted, false)
      assert.equal((await setUp().check({ ...message, [field]: undefined })).accepted, false)
    })
  }
}

for (const field of ['Token', 'SubscribeURL']) {
  test(`a subscription confirmation whose ${field} was changed is refused`, { skip }, async () => {
    const message = signed(confirmation)
    assert.equal((await setUp().check({ ...message, [field]: 'https://example.com' })).accepted, false)
  })
}

test('a notification does not become a confirmation', { skip }, async () => {
  const message = signed({ ...confirmation, Type: 'Notification' })
  assert.equal((await setUp().check({ ...message, Type: 'SubscriptionConfirmation' })).accepted, false)
})

test('a signature of version 1 is not accepted as version 2', { skip }, async () => {
  assert.equal((await setUp().check({ ...signed(), SignatureVersion: '2' })).accepted, false)
})

for (const [what, changes, cause] of [
  ['of a topic that is not listed', { TopicArn: `${topicArn}-2` }, /topic .*SNS_TOPIC_ARNS/],
  ['of another version', { SignatureVersion: '3' }, /SignatureVersion/],
  ['of an unknown type', { Type: 'Other' }, /Type/],
  ['without a text', { Message: undefined }, /Message/],
  ['with an object as text', { Message: {} }, /Message/],
  ['whose certificate is elsewhere', { SigningCertURL: 'https://example.com/a.pem' }, /SigningCertURL/],
] as const) {
  test(`a message ${what} is refused without a fetch`, { skip }, async () => {
    const before = sender?.fetched.length
    const verdict = await setUp().check(signed(changes))
    assert.ok(!verdict.accepted && verdict.unavailable === undefined)
    assert.match(verdict.cause, cause)
    assert.equal(sender?.fetched.length, before)
  })
}

for (const url of [
  'http://sns.eu-central-1.amazonaws.com/SimpleNotificationService-ab.pem',
  'https://sns.eu-central-1.amazonaws.com.evil.com/SimpleNotificationService-ab.pem',
  'https://evil.com/sns.eu-central-1.amazonaws.com/SimpleNotificationService-ab.pem',
  'https://sns.eu-central-1.amazonaws.com@evil.com/SimpleNotificationService-ab.pem',
  'https://user@sns.eu-central-1.amazonaws.com/SimpleNotificationService-ab.pem',
  'https://sns.eu-central-1.amazonaws.com:8443/SimpleNotificationService-ab.pem',
  'https://sns.evil.eu-central-1.amazonaws.com/SimpleNotificationService-ab.pem',
  'https://sns.my-bucket.amazonaws.com/SimpleNotificationService-ab.pem',
  'https://snsxeu-central-1.amazonaws.com/SimpleNotificationService-ab.pem',
  'https://s3.eu-central-1.amazonaws.com/SimpleNotificationService-ab.pem',
  'https://sns.eu-central-1.amazonaws.com/bucket/SimpleNotificationService-ab.pem',
  'https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-../a.pem',
  'https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-ab.pem?a=b',
  'https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-ab.pem\n',
  'https://sns.eu-central-1.amazonaws.cn/SimpleNotificationService-ab.pem',
]) {
  test(`${JSON.stringify(url)} is not the URL of a certificate`, () =>
    assert.equal(isCertificateUrl(url), false))
}

for (const region of ['eu-central-1', 'us-gov-west-1', 'ap-southeast-5', 'ca-west-1', 'il-central-1']) {
  test(`the certificates of ${region} are known`, () => {
    assert.ok(
      isCertificateUrl(`https://sns.${region}.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem`),
    )
  })
}

test('a certificate is fetched once', { skip }, async () => {
  let fetches = 0
  const { check } = setUp(async () => {
    fetches += 1
    return { kind: 'certificate', pem: sender?.certificate ?? '' }
  })
  await Promise.all([check(signed()), check(signed())])
  assert.ok((await check(signed())).accepted)
  assert.equal(fetches, 1)
})

test('a certificate that verified a message stays, whatever other certificates are named', {
  skip,
}, async () => {
  let fetches = 0
  const { check, clock } = setUp(async () => {
    fetches += 1
    return { kind: 'certificate', pem: sender?.certificate ?? '' }
  })
  const message = signed()
  assert.ok((await check(message)).accepted)
  for (let n = 10; n < 40; n += 1) {
    clock.ms += 60_000
    const forged = { ...message, SigningCertURL: certificateUrl.replace('-0', `-${n}`), Message: 'changed' }
    assert.equal((await check(forged)).accepted, false)
  }
  assert.equal(fetches, 31)
  assert.ok((await check(message)).accepted)
  assert.ok((await check({ ...message, SigningCertURL: certificateUrl.replace('sns.', 'SNS.') })).accepted)
  assert.equal(fetches, 31)
})

test('while the certificate cannot be fetched, the message may be valid; later it is accepted', {
  skip,
}, async () => {
  let fetches = 0
  let works = false
  const { check, clock } = setUp(async () => {
    fetches += 1
    return works
      ? { kind: 'certificate', pem: sender?.certificate ?? '' }
      : { kind: 'failed', detail: 'ECONNREFUSED' }
  })
  const verdict = await check(signed())
  assert.ok(!verdict.accepted)
  assert.equal(verdict.unavailable, 'sns')
  assert.match(verdict.cause, /ECONNREFUSED/)
  works = true
  assert.equal((await check(signed())).accepted, false)
  assert.equal(fetches, 1, 'no fetch for 10 seconds after a failed one')
  clock.ms += 10_000
  assert.ok((await check(signed())).accepted)
})

test('at most 5 certificates are fetched at once', { skip }, async () => {
  let answerAll = () => {}
  const answered = new Promise<void>((resolve) => {
    answerAll = resolve
  })
  let fetches = 0
  const { check } = setUp(async () => {
    fetches += 1
    await answered
    return { kind: 'failed', detail: 'status 500' }
  })
  const urls = Array.from({ length: 8 }, (_, n) => certificateUrl.replace('-0', `-${n}`))
  const verdicts = Promise.all(urls.map((SigningCertURL) => check(signed({ SigningCertURL }))))
  answerAll()
  assert.ok((await verdicts).every((verdict) => !verdict.accepted && verdict.unavailable === 'sns'))
  assert.equal(fetches, 5)
})

const hourMs = 3_600_000
for (const [ageMs, accepted] of [
  [6 * hourMs, true],
  [6 * hourMs + 1, false],
  [-300_000, true],
  [-300_001, false],
] as const) {
  test(`a message from ${ageMs} ms ago is ${accepted ? 'accepted' : 'refused without a fetch'}`, {
    skip,
  }, async () => {
    const { check, clock } = setUp()
    const before = sender?.fetched.length
    const verdict = await check(signed({ Timestamp: new Date(clock.now - ageMs).toISOString() }))
    assert.equal(verdict.accepted, accepted)
    if (verdict.accepted) return
    assert.match(verdict.cause, /older than 6 hours/)
    assert.equal(sender?.fetched.length, before)
  })
}

test('a message whose time cannot be read is refused', { skip }, async () => {
  const verdict = await setUp().check(signed({ Timestamp: 'today' }))
  assert.ok(!verdict.accepted)
  assert.match(verdict.cause, /older than 6 hours/)
})

test('a certificate that the host of Amazon SNS does not have is a refusal', { skip }, async () => {
  let fetches = 0
  const { check, clock } = setUp(async () => {
    fetches += 1
    return { kind: 'refused', detail: 'status 404' }
  })
  for (let message = 0; message < 2; message += 1) {
    const verdict = await check(signed())
    assert.ok(!verdict.accepted && verdict.unavailable === undefined)
    assert.match(verdict.cause, /status 404/)
  }
  assert.equal(fetches, 1, 'no fetch for 10 seconds after a refused one')
  clock.ms += 10_000
  await check(signed())
  assert.equal(fetches, 2)
})

test('at most 10 certificates are fetched in a minute, and a known one is still used', { skip }, async () => {
  let fetches = 0
  const { check, clock } = setUp(async (url) => {
    fetches += 1
    return url === certificateUrl
      ? { kind: 'certificate', pem: sender?.certificate ?? '' }
      : { kind: 'refused', detail: 'status 404' }
  })
  assert.ok((await check(signed())).accepted)
  const forged = (n: number) => check(signed({ SigningCertURL: certificateUrl.replace('-0', `-${n}`) }))
  for (let n = 10; n < 30; n += 1) {
    const verdict = await forged(n)
    assert.ok(!verdict.accepted)
    assert.equal(verdict.unavailable, n < 19 ? undefined : 'sns')
  }
  assert.equal(fetches, 10)
  assert.ok((await check(signed())).accepted)
  clock.ms += 60_000
  await forged(30)
  assert.equal(fetches, 11)
})

for (const [what, days] of [
  ['has expired', 3],
  ['is not valid yet', -3],
] as const) {
  test(`a message whose certificate ${what} is refused`, { skip }, async () => {
    const { check, clock } = setUp()
    clock.now += days * 86_400_000
    const verdict = await check(signed({ Timestamp: new Date(clock.now).toISOString() }))
    assert.ok(!verdict.accepted && verdict.unavailable === undefined)
    assert.match(verdict.cause, /expired or is not valid yet/)
  })
}

test('a certificate of another key, or a text that is not a certificate, proves nothing', {
  skip,
}, async (t) => {
  const stranger = await createSnsSender(t)
  assert.equal((await setUp(stranger.fetchCertificate).check(signed())).accepted, false)
  const elliptic = await createSnsSender(t, ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'])
  assert.equal((await setUp(elliptic.fetchCertificate).check(elliptic.sign())).accepted, false)
  const short = await createSnsSender(t, ['rsa:1024'])
  assert.equal((await setUp(short.fetchCertificate).check(short.sign())).accepted, false)
  const html: FetchCertificate = async () => ({ kind: 'certificate', pem: '<html>' })
  assert.equal((await setUp(html).check(signed())).accepted, false)
})

test('only the answer 200 is a certificate', async () => {
  for (const [status, kind] of [
    [200, 'certificate'],
    [404, 'refused'],
    [403, 'refused'],
    [429, 'failed'],
    [408, 'failed'],
    [500, 'failed'],
    [302, 'failed'],
  ] as const) {
    const fetchCertificate = createFetchCertificate(async () => ({
      kind: 'answered',
      answer: { status, headers: {}, body: 'pem' },
    }))
    assert.equal((await fetchCertificate(certificateUrl)).kind, kind)
  }
})

test('property: any object is refused', async () => {
  const names = [
    'Type',
    'Message',
    'MessageId',
    'TopicArn',
    'Signature',
    'SignatureVersion',
    'SigningCertURL',
  ]
  const value = fc.oneof(fc.constantFrom('Notification', topicArn, '1', certificateUrl), fc.jsonValue())
  const { check } = setUp(async () => ({ kind: 'failed', detail: 'none' }))
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.constantFrom(...names), value), async (message) => {
      assert.equal((await check(message)).accepted, false)
    }),
    { numRuns: rounds(300) },
  )
})

test('a body is a message of SNS only with its header, and if it is one object with a signature', () => {
  const message = { Type: 'Notification', TopicArn: topicArn, Signature: 'x' }
  const type = { 'x-amz-sns-message-type': 'Notification' }
  const read = (body: unknown, headers: Record<string, string> = type) =>
    snsMessageOf({ headers, rawBody: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) })
  assert.deepEqual(read(message), message)
  assert.deepEqual(read(`\ufeff${JSON.stringify(message)}`), message)
  assert.equal(read(message, {}), undefined)
  for (const body of [[message], { ...message, Signature: undefined }, { a: 1 }, 'no json', '', 'null'])
    assert.equal(read(body), undefined)
})
