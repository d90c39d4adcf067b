import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { startInProcess } from '../helpers/in-process.ts'
import {
  adminToken,
  attributesAt,
  createConversations,
  customerEvent,
  patches,
  setUp,
  startService,
} from '../helpers/process.ts'
import { until } from '../helpers/wait.ts'

const tiers = (column: string) => `
version: 1
lookups: { tiers: { file: tiers.csv, key: phone } }
rules:
  - name: tier
    on: [conversation:created]
    when: lookup("tiers", e164(participant.address)).${column} != ""
    set: { tier: '\${lookup("tiers", e164(participant.address)).${column}}' }
`

interface Health {
  readonly status: string
  readonly checks: { readonly rules: { readonly ok: boolean; readonly version: string } }
}
interface DryRun {
  readonly results: readonly {
    readonly changes: readonly { readonly attributes: Readonly<Record<string, string>> }[]
    readonly matched: readonly string[]
    readonly trace: { readonly rules: readonly unknown[] }
  }[]
}

const event = (participantId: string, address: string) => ({
  type: 'conversation:created',
  conversationId: 'conversation-0',
  participantId,
  participant: { purpose: 'customer', address },
})

test('changed tables and rules take effect while the service runs', async (t) => {
  const { simulator, environment } = await setUp(t)
  createConversations(simulator, 1)
  const folder = join(environment.RULES_FILE ?? '', '..')
  const table = join(folder, 'tiers.csv')
  await writeFile(table, 'phone,tier,colour\n+13175550100,gold,red\n')
  await writeFile(environment.RULES_FILE ?? '', tiers('tier'))
  const service = await startService(t, environment)
  const health = async () => (await (await fetch(`${service.url}/health`)).json()) as Health
  const { version } = (await health()).checks.rules

  const evaluate = async () => {
    const response = await fetch(`${service.url}/admin/rules/evaluate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${adminToken}` },
      body: JSON.stringify({ event: event('participant-0', 'tel:+1 (317) 555-0100') }),
    })
    return ((await response.json()) as DryRun).results[0]
  }
  assert.deepEqual((await evaluate())?.changes, [
    { participantId: 'participant-0', attributes: { tier: 'gold' } },
  ])

  await writeFile(table, 'phone,tier,colour\n+13175550100,silver,red\n')
  await until(
    'the changed table is in force',
    async () => (await evaluate())?.changes[0]?.attributes.tier === 'silver',
  )
  assert.notEqual((await health()).checks.rules.version, version)

  await writeFile(environment.RULES_FILE ?? '', tiers('colour'))
  service.child.kill('SIGHUP')
  await until(
    'the changed rules are in force',
    async () => (await evaluate())?.changes[0]?.attributes.tier === 'red',
  )

  await writeFile(environment.RULES_FILE ?? '', tiers('color'))
  service.child.kill('SIGHUP')
  await until('the rules check fails', async () => (await health()).checks.rules.ok === false)
  assert.equal((await health()).status, 'degraded')
  assert.match(service.output(), /did you mean \\"colour\\"\?"/)
  assert.deepEqual((await evaluate())?.matched, ['tier'])

  await service.post(event('participant-0', 'sip:+13175550100@example.org'))
  await until('the event is applied', async () => (await service.status()).totals.applied === 1)
  assert.deepEqual(patches(simulator)[0]?.attributes, { tier: 'red' })
})

test('the dry run returns reasons, and stores and sends nothing', async (t) => {
  const { simulator, environment } = await setUp(t)
  const service = await startInProcess(t, environment)
  const evaluate = async (body: unknown) => {
    const response = await fetch(`${service.url}/admin/rules/evaluate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${adminToken}` },
      body: JSON.stringify(body),
    })
    return { status: response.status, body: (await response.json()) as DryRun }
  }
  const { status, body } = await evaluate({
    event: { ...event('participant-0', 'tel:+13175550100'), type: 'conversation:updated' },
  })
  assert.equal(status, 200)
  assert.equal((body.results[0]?.trace.rules.length ?? 0) > 0, true)
  const bare = await evaluate({ ...event('participant-0', 'tel:+13175550100'), type: 'conversation:updated' })
  assert.deepEqual(bare.body, body)
  assert.equal((await evaluate({ event: {} })).status, 422)
  const deep = JSON.parse(`${'{"a":'.repeat(500)}1${'}'.repeat(500)}`)
  assert.equal(
    (await evaluate({ event: { ...event('participant-0', 'tel:+13175550100'), deep } })).status,
    400,
  )
  assert.equal((await evaluate({ events: [] })).status, 400)
  assert.equal((await service.status()).inbox.pending, 0)
  assert.equal(patches(simulator).length, 0)
})

test('an HTTP lookup is called once for many events and does not delay other events', async (t) => {
  const { simulator, environment } = await setUp(t)
  createConversations(simulator, 6)
  const requests: string[] = []
  const gate = Promise.withResolvers<void>()
  const crm = createServer((request, response) => {
    requests.push(request.url ?? '')
    void gate.promise.then(() => response.end(JSON.stringify({ tier: 'gold' })))
  })
  crm.listen(0, '127.0.0.1')
  await once(crm, 'listening')
  t.after(() => crm.close())
  const { port } = crm.address() as AddressInfo
  await writeFile(
    environment.RULES_FILE ?? '',
    `
version: 1
lookups: { crm: { url: 'http://127.0.0.1:${port}/{key}', allowPrivate: true, timeoutMs: 10000 } }
rules:
  - { name: crm, on: [conversation:created], set: { tier: '\${lookup("crm", event.attributes.customer).tier}' } }
  - { name: plain, on: [conversation:updated], set: { plain: yes } }
`,
  )
  const service = await startInProcess(t, { ...environment, MAX_IN_FLIGHT: '1' })
  const created = Array.from({ length: 5 }, (_, index) => ({
    ...customerEvent(index),
    type: 'conversation:created',
    attributes: { customer: 'c-1' },
  }))
  await service.post([...created, { ...customerEvent(5), type: 'conversation:updated' }])
  await until(
    'the event without the lookup is applied',
    async () => (await service.status()).totals.applied === 1,
  )
  gate.resolve()
  await until('all events are applied', async () => (await service.status()).totals.applied === 6)
  assert.deepEqual(requests, ['/c-1'])
  assert.equal(attributesAt(simulator, 4)?.tier, 'gold')
})

test('mappings are reloaded with the rules, for the webhook and the dry run', async (t) => {
  const { simulator, environment } = await setUp(t)
  createConversations(simulator, 1)
  const mapped = (score: string) => `version: 1
mappings:
  - name: survey
    when: has(body.survey)
    type: conversation:updated
    conversationId: \${body.survey.conversation}
    participantId: \${body.survey.participant}
    attributes: { score: "\${body.survey.${score}}" }
rules:
  - { name: score, on: [conversation:updated], set: { score: "\${event.attributes.score}" } }
`
  await writeFile(environment.RULES_FILE ?? '', mapped('nps'))
  const service = await startInProcess(t, environment)
  const survey = { conversation: 'conversation-0', participant: 'participant-0', nps: 9, stars: 4 }
  const evaluate = async () => {
    const response = await fetch(`${service.url}/admin/rules/evaluate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${adminToken}` },
      body: JSON.stringify({ event: { survey } }),
    })
    return ((await response.json()) as { results: { mapping: string; changes: object[] }[] }).results[0]
  }
  assert.deepEqual((await evaluate())?.mapping, 'survey')
  assert.equal((await service.post({ survey })).status, 202)
  await until('the event is applied', async () => attributesAt(simulator, 0)?.score === '9')
  const refused = await service.post({ survey: { conversation: 'a/b' } })
  assert.equal(refused.status, 422)
  assert.match(
    JSON.stringify(refused.body),
    /"path":"conversationId","message":"must be .* mapping \\"survey\\"/,
  )

  await writeFile(environment.RULES_FILE ?? '', mapped('stars'))
  await until('the changed mapping is in force', async () =>
    JSON.stringify((await evaluate())?.changes).includes('"4"'),
  )
  await service.post({ survey: { ...survey, again: true } })
  await until('the second event is applied', async () => attributesAt(simulator, 0)?.score === '4')
})

test('a gauge is 1 while the rules file is not valid, and 0 when the old file is back', async (t) => {
  const { environment } = await setUp(t)
  const file = environment.RULES_FILE ?? ''
  const valid = await readFile(file, 'utf8')
  const service = await startInProcess(t, environment)
  const gauge = async () => {
    const text = await (await fetch(`${service.url}/metrics`)).text()
    return /^genesys_enricher_rules_file_invalid (\d)$/m.exec(text)?.[1]
  }
  assert.equal(await gauge(), '0')
  for (const [index, invalid] of ['version: 1\nrules: 5\n', 'version: 2\n'].entries()) {
    await writeFile(file, invalid)
    await until('it is refused', () => service.output().split('"rules_invalid"').length > index + 1)
    assert.equal(await gauge(), '1')
  }
  await writeFile(file, valid)
  await until('the gauge is 0', async () => (await gauge()) === '0')
})
