import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { valuesOf } from '../helpers/exposition.ts'
import { startInProcess } from '../helpers/in-process.ts'
import { adminToken, createConversations, customerEvent, setUp } from '../helpers/process.ts'
import { until } from '../helpers/wait.ts'

/** A CRM that is down. */
async function startCrm(t: TestContext): Promise<number> {
  const server = createServer((_request, response) => response.writeHead(503).end()).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

test('the dry run names the missing field in the decision and in the trace', async (t) => {
  const rules = `
version: 1
rules:
  - { name: needs a queue, on: [conversation:created], when: event.queueId == "q", set: { queued: true } }
`
  const { environment } = await setUp(t, { rules })
  const service = await startInProcess(t, environment)
  const response = await fetch(`${service.url}/admin/rules/evaluate`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(customerEvent(0)),
  })
  const { results } = (await response.json()) as {
    results: { undecided: unknown; trace: { rules: unknown } }[]
  }
  const why = { code: 'no_such_key', missing: ['event.queueId'] }
  assert.deepEqual(results[0]?.undecided, [{ rule: 'needs a queue', ...why }])
  assert.deepEqual(results[0]?.trace.rules, [
    { rule: 'needs a queue', result: 'undecided', because: 'event.queueId == "q"', ...why },
  ])
  await service.stop()
})

const linesWith = (output: string, message: string): Record<string, unknown>[] =>
  output
    .split('\n')
    .filter((line) => line.includes(`"msg":"${message}"`))
    .map((line) => JSON.parse(line))

test('log and metrics show undecided rules with their fields, and failed lookups with their causes', async (t) => {
  const rules = `
version: 1
lookups: { crm: { url: "http://127.0.0.1:${await startCrm(t)}/{key}", allowPrivate: true } }
rules:
  - { name: needs a queue, on: [conversation:created], when: event.queueId == "q", set: { queued: true } }
  - { name: known to the crm, on: [conversation:created], when: 'lookup("crm", participant.address).tier != ""', set: { known: true } }
  - { name: never called, on: [user.start], set: { called: true } }
`
  const { simulator, environment } = await setUp(t, { rules })
  createConversations(simulator, 2)
  const service = await startInProcess(t, environment)
  const metrics = async () => (await fetch(`${service.url}/metrics`)).text()
  const undecided = async () => valuesOf(await metrics(), 'genesys_enricher_rule_undecided_total')
  const none = { 'needs a queue': 0, 'known to the crm': 0, 'never called': 0 }
  assert.deepEqual(await undecided(), none)
  assert.equal(valuesOf(await metrics(), 'genesys_enricher_lookup_failures_total')['crm,status'], 0)

  for (const index of [0, 1]) {
    await service.post(customerEvent(index))
    await until('it is settled', async () => (await service.status()).totals.unchanged === index + 1)
  }
  assert.deepEqual(Object.keys(await undecided()), Object.keys(none))
  assert.ok(Number((await undecided())['needs a queue']) >= 2)

  const [line, ...others] = linesWith(service.output(), 'rule undecided')
  assert.deepEqual(others, [])
  const { rule, missing, cause, type } = line ?? {}
  assert.deepEqual(
    { rule, missing, cause, type },
    {
      rule: 'needs a queue',
      missing: ['event.queueId'],
      cause: 'no_such_key',
      type: 'conversation:created',
    },
  )

  const failures = linesWith(service.output(), 'lookup failed')
  assert.deepEqual(
    failures.map(({ level, code, table, cause, status, count }) => ({
      level,
      code,
      table,
      cause,
      status,
      count,
    })),
    [{ level: 'warn', code: 'lookup_failed', table: 'crm', cause: 'status', status: 503, count: 1 }],
  )
  assert.equal(valuesOf(await metrics(), 'genesys_enricher_lookup_failures_total')['crm,status'], 1)
  assert.ok(!service.output().includes('13175550100'))
  await service.stop()
})
