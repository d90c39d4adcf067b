import assert from 'node:assert/strict'
import { createHmac, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { type CredentialScheme, credentialSchemes } from '../../src/ingest/authenticate/credentials.ts'
import { type CarrierName, carrierNames } from '../../src/ingest/carriers/carrier.ts'
import { maxDepth } from '../../src/ingest/carriers/carriers.ts'
import { webhookPath } from '../../src/ingest/ingest.ts'
import {
  apiGatewayV2,
  asText,
  cloudwatchLogs,
  eventGrid,
  firehose,
  kinesisRecord,
  lambdaDestination,
  pubsub,
  records,
  sqsRecord,
} from '../helpers/carriers.ts'
import { canonicalItem } from '../helpers/events.ts'
import { startWithEveryCredential } from '../helpers/every-credential.ts'
import { readPage, tableOf } from './markdown.ts'

const page = await readPage('docs/relays/carriers.md')

test('docs/relays/carriers.md names the limits of the code', () => {
  assert.match(page, new RegExp(`takes off up to ${maxDepth} carriers`))
})

const [heads = [], ...rows] = tableOf(page, '| Carrier | `token` |')

const cellOf = (carrier: CarrierName, scheme: CredentialScheme): string | undefined =>
  rows.find(([name]) => name === `\`${carrier}\``)?.[heads.indexOf(`\`${scheme}\``)]

test('docs/relays/carriers.md has a cell for each carrier and each credential of the code', () => {
  assert.equal(heads.length, 1 + credentialSchemes.length)
  assert.equal(rows.length, carrierNames.length)
  for (const carrier of carrierNames)
    for (const scheme of credentialSchemes)
      assert.match(cellOf(carrier, scheme) ?? '', /^(yes: .+|program|–)$/, `${carrier}, ${scheme}`)
})

const secret = 'a-secret-of-the-relay'

const hmac = (text: string, encoding: 'base64' | 'hex'): string =>
  createHmac('sha256', secret).update(text).digest(encoding)

/** The headers of a request with this body. */
const headersOf: Record<CredentialScheme, (body: string, jwt: string) => Record<string, string>> = {
  token: () => ({ 'x-api-key': 'relay-token' }),
  standard_webhooks: (body) => {
    const id = randomUUID()
    const time = String(Math.floor(Date.now() / 1000))
    const signature = `v1,${hmac(`${id}.${time}.${body}`, 'base64')}`
    return { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signature }
  },
  hub_signature: (body) => ({ 'x-hub-signature-256': `sha256=${hmac(body, 'hex')}` }),
  hmac_header: (body) => ({ 'x-relay-signature': hmac(body, 'hex') }),
  jwt: (_, jwt) => ({ authorization: `Bearer ${jwt}` }),
  sns: () => ({ 'x-amz-sns-message-type': 'Notification' }),
}

/** The body that a carrier sends. `message`: a message that SNS signed. */
const bodyOf: Record<CarrierName, (message: unknown) => unknown> = {
  api_gateway: apiGatewayV2,
  cloudwatch_logs: (message) => cloudwatchLogs(message),
  event_grid: (message) => [eventGrid(message)],
  firehose: (message) => firehose(message),
  kinesis: (message) => records(kinesisRecord(message)),
  lambda_destination: lambdaDestination,
  pubsub: (message) => pubsub(message),
  sns: (message) => message,
  sqs: (message) => records(sqsRecord(message)),
}

test('the service accepts each credential with each carrier as docs/relays/carriers.md says', async (t) => {
  const { server, details, uses, jwt, snsSender } = await startWithEveryCredential(t, {
    tokens: ['relay-token'],
    secrets: [secret],
    hmacHeader: 'X-Relay-Signature',
  })

  async function post(carrier: CarrierName, scheme: CredentialScheme) {
    const id = randomUUID()
    const event = asText(canonicalItem({ id, conversationId: id }))
    const body = asText(bodyOf[carrier](snsSender.sign({ MessageId: id, Message: event })))
    const headers = { 'content-type': 'application/json', ...headersOf[scheme](body, jwt) }
    return server.inject({ method: 'POST', url: webhookPath, headers, payload: body })
  }

  for (const carrier of carrierNames) {
    for (const scheme of credentialSchemes) {
      const cell = cellOf(carrier, scheme)
      await t.test(`${carrier}, ${scheme}: ${cell}`, async () => {
        const usesBefore = uses.length
        const messagesBefore = details.carriers.get(carrier) ?? 0
        const answer = await post(carrier, scheme)
        if (cell === '–') {
          assert.equal(answer.statusCode, 401)
          assert.equal(details.carriers.get(carrier), messagesBefore)
          return
        }
        assert.equal(answer.statusCode, carrier === 'firehose' ? 200 : 202, answer.body)
        if (carrier !== 'firehose') assert.equal(answer.json().accepted, 1, answer.body)
        assert.deepEqual(uses.slice(usesBefore), [`${scheme} 1`])
        assert.equal(details.carriers.get(carrier), messagesBefore + 1)
      })
    }
  }
})
