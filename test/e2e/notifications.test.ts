import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import type { Simulator } from '../../src/simulator/simulator.ts'
import { readExposition, valuesOf } from '../helpers/exposition.ts'
import { startInProcess } from '../helpers/in-process.ts'
import { attributesAt, createConversations, setUp } from '../helpers/process.ts'
import { sqsEnvironment, startSqs } from '../helpers/sqs.ts'
import { until } from '../helpers/wait.ts'

const queueId = '4e5f6071-0000-4000-8000-00000000000e'

const rules = `
version: 1
rules:
  - { name: tag, on: [conversation:updated], when: participant.purpose == "customer", set: { mark: "\${event.body.mark}" } }
`

/** A service with notifications and without webhook tokens. */
async function withoutRelay(t: Parameters<typeof setUp>[0]) {
  const { simulator, environment } = await setUp(t, { rules })
  simulator.createQueue({ id: queueId, name: 'Sales' })
  createConversations(simulator, 10)
  const { WEBHOOK_TOKENS: _none, ...rest } = environment
  return { simulator, environment: { ...rest, NOTIFICATIONS_QUEUES: 'Sales' } }
}

const notify = (simulator: Simulator, index: number, mark: string): number =>
  simulator.notify({
    topicName: `v2.routing.queues.${queueId}.conversations`,
    eventBody: {
      id: `conversation-${index}`,
      participants: [{ id: `participant-${index}`, purpose: 'customer' }],
    },
    mark,
  })

const connected = (simulator: Simulator) =>
  until('the service is connected and subscribed', () =>
    simulator.channels().some(({ connected, topics }) => connected && topics.length > 0),
  )

test('notifications set attributes without a relay, and also after a lost socket', async (t) => {
  const { simulator, environment } = await withoutRelay(t)
  const service = await startInProcess(t, environment)
  await connected(simulator)
  assert.equal(notify(simulator, 0, 'first'), 1)
  await until('the event is applied', () => attributesAt(simulator, 0)?.mark === 'first')
  await until('the notifications check is ok', async () => (await service.health()).checks.notifications?.ok)

  // Refused calls keep the connection down until the test has seen it.
  simulator.addFault({ match: { method: 'PUT' }, status: 503, times: 1_000 })
  simulator.dropSockets()
  await until(
    'the notifications check fails',
    async () => (await service.health()).checks.notifications?.ok === false,
  )
  assert.equal((await service.health()).status, 'degraded')
  assert.equal((await fetch(`${service.url}/readyz`)).status, 200, 'relays can still send')
  simulator.clearFaults()
  await connected(simulator)
  notify(simulator, 1, 'second')
  await until('the event is applied', () => attributesAt(simulator, 1)?.mark === 'second')

  const metrics = await (await fetch(`${service.url}/metrics`)).text()
  assert.equal(valuesOf(metrics, 'genesys_enricher_notifications_messages_total').event, 2)
  assert.deepEqual(valuesOf(metrics, 'genesys_enricher_notifications_reconnects_total'), { '': 1 })
  assert.deepEqual(valuesOf(metrics, 'genesys_enricher_notifications_connected'), { '': 1 })
  assert.ok(readExposition(metrics).some(({ name }) => name.endsWith('notifications_gap_seconds_total')))
  assert.equal((await service.post({}, { authorization: 'Bearer guess' })).status, 401)

  await service.stop()
  await until('the socket is closed', () => simulator.channels().every(({ connected }) => !connected))
  assert.doesNotMatch(service.output(), /channels\/streaming|"level":"error"/, 'the connect URI is a secret')
})

test('a stopped service releases everything that keeps its process alive, and its last notifications are applied after the next start', async (t) => {
  const { simulator, environment } = await withoutRelay(t)
  const queue = await startSqs(t)
  const source = new URL('../../src/', import.meta.url).href
  const script = `
    const load = (name) => import(${JSON.stringify(source)} + name)
    const [{ readConfig }, { loadRules }, { createRulesInForce }, { createLogger }, { createService }] = await Promise.all(
      ['config/config.ts', 'rules/load-rules.ts', 'rules/rules-in-force.ts', 'log/logger.ts', 'service.ts'].map(load))
    const { config } = readConfig()
    const logger = createLogger('silent')
    const loaded = await loadRules(config.rulesFile)
    const rules = createRulesInForce({ file: config.rulesFile, loaded, log: logger, mistakesIn: () => [], now: Date.now })
    const service = await createService({ config, rules, logger })
    await service.start()
    process.once('SIGUSR2', () => service.stop().then(() => console.log('stopped')))
    console.log('started')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...environment, ...sqsEnvironment(queue) },
  })
  t.after(() => child.kill('SIGKILL'))
  const errors = text(child.stderr)
  const ended = once(child, 'exit')
  await Promise.race([connected(simulator), ended])
  await Promise.race([until('the queue is polled', () => queue.receiving() > 0), ended])
  for (let index = 0; index < 8; index += 1) notify(simulator, index, 'last')
  child.kill('SIGUSR2')
  assert.deepEqual(await ended, [0, null], await errors)
  await startInProcess(t, environment)
  const marks = () => Array.from({ length: 8 }, (_, index) => attributesAt(simulator, index)?.mark)
  await until('the notifications before the stop are applied', () => marks().every((mark) => mark === 'last'))
})
