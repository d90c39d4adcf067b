import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createOpenTelemetry } from '../../src/tracing/opentelemetry.ts'
import { startCollector } from '../helpers/collector.ts'
import { captureLog } from '../helpers/log.ts'
import { oneRule, rulesOf } from '../helpers/rules.ts'
import { until } from '../helpers/wait.ts'
import { type DeliveryOptions, setting, setUp } from './harness.ts'

process.env.OTEL_BSP_SCHEDULE_DELAY = '10'

async function setUpTraced(t: TestContext, options: DeliveryOptions = {}) {
  const collector = await startCollector(t)
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url
  const deps = { log: captureLog().logger, monotonic: Date.now }
  const tracer = createOpenTelemetry({ exporters: ['otlp'], protocol: 'http/json' }, deps)
  t.after(() => tracer.stop(0))
  const delivery = await setUp(t, { ...options, tracer })
  const claims = async (count: number) =>
    (await collector.named('claim inbox', count)).map(({ attributes, failed }) => ({
      id: attributes['genesys_enricher.event.id'],
      outcome: attributes['genesys_enricher.outcome'],
      code: attributes['genesys_enricher.code'],
      error: attributes['error.type'],
      names: attributes['genesys_enricher.attribute_names'],
      failed,
    }))
  return { collector, delivery, claims }
}

const fine = { code: undefined, error: undefined, failed: false }

test('each event of a claim has a span with its outcome and the names of its attributes', async (t) => {
  const { delivery, claims } = await setUpTraced(t)
  await delivery.accept(setting('a', { tier: 'gold' }), setting('b', {}))
  delivery.dispatcher.start()
  await delivery.settled(2)
  assert.deepEqual(await claims(2), [
    { id: 'a', outcome: 'applied', names: ['tier'], ...fine },
    { id: 'b', outcome: 'unchanged', names: [], ...fine },
  ])
})

test('in a dry run, the span has the names of the attributes that would be set', async (t) => {
  const { delivery, claims } = await setUpTraced(t, { dryRun: true })
  await delivery.accept(setting('a', { tier: 'gold' }))
  delivery.dispatcher.start()
  await delivery.settled(1)
  assert.deepEqual(await claims(1), [{ id: 'a', outcome: 'unchanged', names: ['tier'], ...fine }])
})

test('a dead letter fails the span with its code', async (t) => {
  const { delivery, claims } = await setUpTraced(t)
  delivery.simulator.addFault({ match: { method: 'PATCH' }, times: 1, status: 403 })
  await delivery.accept(setting('a', { tier: 'gold' }))
  delivery.dispatcher.start()
  await delivery.settled(1)
  assert.deepEqual(await claims(1), [
    { id: 'a', outcome: 'dead', code: 'forbidden', error: 'forbidden', names: ['tier'], failed: true },
  ])
})

test('an event that needs the conversation has one span for each attempt', async (t) => {
  const rules = rulesOf(oneRule(`on: ["*"], target: 'candidate.id == "p5"', set: { tier: gold }`))
  const { delivery, claims } = await setUpTraced(t, { rules })
  await delivery.accept(setting('a', {}))
  delivery.dispatcher.start()
  await delivery.settled(1)
  assert.equal(delivery.attributesOf('p5')?.tier, 'gold')
  assert.deepEqual(await claims(2), [
    { id: 'a', outcome: 'pending', names: [], ...fine },
    { id: 'a', outcome: 'applied', names: ['tier'], ...fine },
  ])
})

test('an outcome that could not be recorded is pending, with the code not_recorded', async (t) => {
  let lost = 0
  const { delivery, claims } = await setUpTraced(t, {
    inbox: (inbox) => ({
      ...inbox,
      settle: async (claim, settlement) => {
        if (lost > 0) return inbox.settle(claim, settlement)
        lost += 1
        await inbox.settle(claim, { outcomes: [] })
        return 'lease_lost'
      },
    }),
  })
  await delivery.accept(setting('a', { tier: 'gold' }))
  delivery.dispatcher.start()
  await delivery.settled(1)
  const [first, second] = await claims(2)
  assert.deepEqual([first?.outcome, first?.code, first?.failed], ['pending', 'not_recorded', true])
  assert.equal(second?.outcome, 'applied')
})

test('an unexpected error ends the spans of the attempt', async (t) => {
  const { delivery, claims } = await setUpTraced(t, {
    call: () => async () => {
      throw new Error('a bug')
    },
  })
  await delivery.accept(setting('a', { tier: 'gold' }))
  delivery.dispatcher.start()
  const [claim] = await claims(1)
  assert.deepEqual([claim?.error, claim?.failed, claim?.outcome], ['internal_error', true, undefined])
  await until('the error is logged', () => delivery.log.includes('delivery failed unexpectedly'))
})
