import assert from 'node:assert/strict'
import { test } from 'node:test'
import { certificates, skipWithoutOpenssl, trust } from '../helpers/certificates.ts'
import { startConnectProxy, startTlsFront } from '../helpers/connect-proxy.ts'
import { readExposition, valuesOf } from '../helpers/exposition.ts'
import { startInProcess } from '../helpers/in-process.ts'
import {
  adminToken,
  attributesAt,
  createConversations,
  customerEvent,
  setUp,
  startService,
} from '../helpers/process.ts'
import { setProcessVariables } from '../helpers/process-variables.ts'
import { rounds } from '../helpers/rounds.ts'
import { sqsEnvironment, startSqs } from '../helpers/sqs.ts'
import type { StandInMessagesOptions } from '../helpers/sqs-messages.ts'
import { until } from '../helpers/wait.ts'

/** A service with a queue and without webhook tokens. */
async function withQueue(
  t: Parameters<typeof setUp>[0],
  { queue: options, conversations }: { queue?: StandInMessagesOptions; conversations: number },
) {
  const { simulator, environment } = await setUp(t, { rateLimit: 100_000 })
  createConversations(simulator, conversations)
  const queue = await startSqs(t, options)
  setProcessVariables(t, 'AWS_', sqsEnvironment(queue))
  const { WEBHOOK_TOKENS: _none, ...rest } = environment
  return { simulator, queue, environment: { ...rest, ...sqsEnvironment(queue) } }
}

test('no message is lost when the process is killed at random moments, and duplicates are recognised', async (t) => {
  const count = 200
  const { simulator, queue, environment } = await withQueue(t, { conversations: count })
  for (let index = 0; index < count; index += 1) queue.send(JSON.stringify(customerEvent(index)))
  // Slow deletions: most kills hit a batch between its commit and its deletion.
  queue.addFault({ action: 'DeleteMessageBatch', times: 1_000_000, delayMs: 15 })
  const calls = () => queue.calls('ReceiveMessage').length + queue.calls('DeleteMessageBatch').length
  for (let kills = 0; kills < rounds(1); kills += 1) {
    const service = await startService(t, environment)
    const enough = calls() + 1 + Math.floor(Math.random() * 12)
    await until('some calls were made', () => calls() >= enough)
    assert.equal(await service.end('SIGKILL'), 'SIGKILL')
    queue.lapse()
  }
  assert.ok(queue.all().length > 0, 'the kills hit the service at work')
  queue.clearFaults()
  const last = await startInProcess(t, environment)
  await until('the queue is empty', () => queue.all().length === 0)
  await until('the inbox is empty', async () => (await last.status()).inbox.pending === 0)
  const { duplicates = 0 } = (await last.status()).totals
  assert.equal((await last.status()).inbox.dead, 0)
  for (let index = 0; index < count; index += 1)
    assert.equal(attributesAt(simulator, index)?.seen, String(index), `conversation ${index}`)

  queue.send(JSON.stringify(customerEvent(0)))
  await until('the queue is empty', () => queue.all().length === 0)
  await until('it was a duplicate', async () => (await last.status()).totals.duplicates === duplicates + 1)
  const metrics = await (await fetch(`${last.url}/metrics`)).text()
  assert.equal(valuesOf(metrics, 'genesys_enricher_sqs_messages_total').rejected, 0)
  assert.ok(readExposition(metrics).some(({ name }) => name.endsWith('sqs_oldest_message_seconds')))
  assert.equal((await last.post({}, { authorization: 'Bearer guess' })).status, 401)
  await last.stop()
  assert.doesNotMatch(last.output(), /test-secret-key|"level":"error"/)
})

test('while the inbox is full, messages stay in the queue', async (t) => {
  const { simulator, queue, environment } = await withQueue(t, { conversations: 30 })
  const service = await startInProcess(t, { ...environment, INBOX_MAX_PENDING: '5' })
  const delivery = async (action: 'pause' | 'resume') => {
    const headers = { authorization: `Bearer ${adminToken}` }
    const answer = await fetch(`${service.url}/admin/delivery/${action}`, { method: 'POST', headers })
    assert.ok(answer.ok, String(answer.status))
  }
  await delivery('pause')
  for (let index = 0; index < 30; index += 1) queue.send(JSON.stringify(customerEvent(index)))
  await until('the check fails', async () => (await service.health()).checks.sqs?.code === 'inbox_full')
  assert.ok(queue.all().length >= 25)
  await delivery('resume')
  await until('the queue is empty', () => queue.all().length === 0)
  await until('every event is applied', async () => (await service.status()).totals.applied === 30)
  await until('the check is ok', async () => (await service.health()).checks.sqs?.ok)
  assert.equal(attributesAt(simulator, 29)?.seen, '29')
})

test('a message that is not valid goes to the dead-letter queue, and the failures of AWS leave the service ready', async (t) => {
  const { simulator, queue, environment } = await withQueue(t, {
    conversations: 1,
    queue: { maxReceiveCount: 2 },
  })
  const id = queue.send('{"no":"event"}')
  const service = await startInProcess(t, environment)
  for (const receives of [1, 2]) {
    await until('it was rejected', async () => {
      const metrics = await (await fetch(`${service.url}/metrics`)).text()
      return valuesOf(metrics, 'genesys_enricher_sqs_messages_total').rejected === receives
    })
    assert.equal(queue.all()[0]?.receiveCount, receives)
    queue.lapse()
  }
  await until('it is a dead letter', () => queue.deadLetters().some((message) => message.id === id))

  queue.addFault({ times: 1_000_000, error: { type: 'AccessDenied', status: 403 } })
  queue.send(JSON.stringify(customerEvent(0))) // ends the long polls; the next ones are refused
  await until(
    'the check fails',
    async () => (await service.health()).checks.sqs?.code === 'sqs_access_denied',
  )
  assert.equal((await service.health()).status, 'degraded')
  assert.equal((await fetch(`${service.url}/readyz`)).status, 200, 'relays can still send')
  queue.clearFaults()
  queue.lapse()
  await until('the event is applied', () => attributesAt(simulator, 0)?.seen === '0')
  await until('the check is ok', async () => (await service.health()).checks.sqs?.ok)
})

test('the calls to the queue use the outgoing proxy', { skip: skipWithoutOpenssl }, async (t) => {
  const { simulator, queue, environment } = await withQueue(t, { conversations: 1 })
  const certificate = await (await certificates(t))('sqs')
  const port = await startTlsFront(t, certificate, new URL(queue.queueUrl).origin)
  const proxy = await startConnectProxy(t, {
    credentials: 'ada:pass-w0rd',
    resolve: { 'localhost:443': `127.0.0.1:${port}` },
  })
  trust(t, certificate.cert)
  const service = await startInProcess(t, {
    ...environment,
    SQS_QUEUE_URL: 'https://localhost/000000000000/events',
    GENESYS_PROXY_URL: proxy.url.replace('//', '//ada:pass-w0rd@'),
    NO_PROXY: '127.0.0.1',
  })
  queue.send(JSON.stringify(customerEvent(0)))
  await until('the event is applied', () => attributesAt(simulator, 0)?.seen === '0')
  await until('the queue is empty', () => queue.all().length === 0)
  assert.ok(proxy.requests.length > 0 && proxy.requests.every((target) => target === 'localhost:443'))
  await service.stop()
  assert.doesNotMatch(service.output(), /pass-w0rd/)
})
