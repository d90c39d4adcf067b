import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { inFolder } from '../cli/harness.ts'
import { startInProcess } from '../helpers/in-process.ts'
import {
  callerEvent,
  echo,
  type PlantedInstallation as Installation,
  plantedInstallation,
} from '../helpers/planted-installation.ts'
import { email, leaksIn, phones, planted } from '../helpers/planted-values.ts'
import { setUp, startService } from '../helpers/process.ts'
import { until } from '../helpers/wait.ts'

test('the scanner finds every planted value in a log line', () => {
  for (const [name, value] of Object.entries({ ...planted, 'access token': 'xyz' }))
    assert.equal(
      leaksIn(`{"msg":"applied","x":"a${value}b"}`, { 'access token': 'xyz' })[0]?.split(':')[0],
      name,
    )
  for (const phone of [...phones, ...phones.map(encodeURIComponent)])
    assert.match(leaksIn(`one\n{"address":"${phone}"}`).join(), /^phone number: \{/, phone)
  assert.match(leaksIn('authorization: Basic ZGVtbzpvYXV0aC1zZWNyZXQtMWY4M2Q5YWI=').join(), /^Basic/)
  assert.deepEqual(leaksIn('{"time":"2026-12-01T03:32:24.615Z","status":202,"msg":"applied"}'), [])
})

const bearer = { authorization: `Bearer ${planted['webhook token']}` }
const asAdmin = { authorization: `Bearer ${planted['admin token']}` }

function signed(body: string): Record<string, string> {
  const [id, timestamp] = ['delivery-1', String(Math.floor(Date.now() / 1_000))]
  const hmac = createHmac('sha256', planted['webhook secret']).update(`${id}.${timestamp}.${body}`)
  const signature = `v1,${hmac.digest('base64')}`
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature }
}

async function deliverEvents({ service, simulator }: Installation): Promise<void> {
  const settled = async (state: string, count: number) =>
    until(`${count} events are ${state}`, async () => {
      const answer = await fetch(`${service.url}/admin/status`, { headers: asAdmin })
      const { totals } = (await answer.json()) as { totals: Record<string, number> }
      return totals[state] === count
    })
  const accepted = async (body: unknown, headers: Record<string, string> = bearer) =>
    assert.equal((await service.post(body, headers)).status, 202)

  const first = JSON.stringify(callerEvent(0))
  await accepted(first, signed(first))
  await settled('applied', 1)
  for (const [index, status] of [403, 400].entries()) {
    simulator.addFault(echo(status))
    await accepted(callerEvent(index + 1))
    await settled('dead', index + 1)
  }
  await accepted({ ...callerEvent(3), conversationId: 'unknown' }) // 404, again for 30 s
  simulator.addFault({ ...echo(429), headers: { 'Retry-After': '1' } })
  simulator.addFault(echo(500))
  simulator.addFault({ match: { method: 'PATCH' }, reset: true })
  simulator.expireTokens()
  await accepted([callerEvent(4), callerEvent(5)])
  await settled('applied', 3)
}

async function refuseRequests({ service }: Installation): Promise<void> {
  const wrong = planted['refused credential']
  const statusOf = async (body: unknown, headers: Record<string, string> = bearer) =>
    (await service.post(body, headers)).status
  const event = callerEvent(0)
  assert.equal(await statusOf(event, { authorization: `Bearer ${wrong}` }), 401)
  assert.equal(await statusOf(event, { 'x-api-key': wrong }), 401)
  assert.equal(
    await statusOf(event, { ...signed('another body'), 'x-hub-signature-256': `sha256=${wrong}` }),
    401,
  )
  assert.equal(await statusOf(`{"phone": "${phones[1]}", ${email}`), 400)
  assert.equal(await statusOf({ ...event, conversationId: phones[1] }), 422)
  assert.equal(await statusOf({ ...event, type: email, participantId: email }), 422)
  const get = async (path: string, token: string) =>
    (await fetch(service.url + path, { headers: { authorization: `Bearer ${token}` } })).status
  const query = `phone=${encodeURIComponent(phones[0] ?? '')}&mail=${email}`
  assert.equal(await get(`/admin/status?${query}`, wrong), 401)
  assert.equal(await get(`/admin/events?${query}`, planted['admin token']), 400)
  assert.equal(await get(`/unknown?${query}&token=${wrong}`, wrong), 404)
}

async function reloadRules({ service, folder }: Installation): Promise<void> {
  const file = join(folder, 'rules.yaml')
  const rule = `- { name: wrong, on: [conversation:created], set: { vip: "${planted['attribute value of a rule']}" }`
  for (const [index, text] of [
    `version: 1\nrules:\n  ${rule}, when: 'participant.adress == "${phones[0]}"' }\n`,
    `version: 1\nrules:\n  ${rule}\n  ${email}: [${phones[1]}\n`,
  ].entries()) {
    await writeFile(`${file}.new`, text)
    await rename(`${file}.new`, file)
    await until(
      'the rules are refused',
      () => service.output().split('"code":"rules_invalid"').length - 1 > index,
    )
  }
}

/** The run must have come past all of these, or it proves little. */
const expectedLines = [
  '"msg":"applied"',
  '"msg":"dead letter"',
  '"code":"forbidden"',
  '"code":"rejected"',
  '"code":"rate_limited"',
  '"msg":"lookup failed"',
  '"code":"rule_undecided"',
  '"code":"odd_field"',
  '"code":"unauthorized"',
  '"code":"invalid_json"',
  '"code":"no_acceptable_event"',
  '"msg":"dead letters replayed"',
  '"code":"rules_invalid"',
  '"code":"tracing_export_failed"',
]

/** Only the output of a process has the lines of libraries. */
async function startProcess(t: TestContext, environment: Record<string, string>) {
  const service = await startService(t, environment)
  return { ...service, stop: async () => assert.equal(await service.end('SIGTERM'), 0) }
}

for (const [level, start] of [
  ['trace', startProcess],
  ['info', startInProcess],
] as const) {
  test(`at LOG_LEVEL=${level}, the service and the commands print nothing that is planted`, async (t) => {
    const parts = await plantedInstallation(t, level, start)
    const { service, environment, login } = parts
    await deliverEvents(parts)
    await refuseRequests(parts)
    const command = async (...args: readonly string[]) => {
      const [name = '', ...rest] = args
      const { run } = await inFolder(t, {}, name)
      const { code, stdout, stderr } = await run(rest, {
        env: { ...environment, PORT: new URL(service.url).port },
      })
      return { code, output: `${args.join(' ').slice(0, 40)}…\n${stdout}${stderr}` }
    }
    const set = ['--set', `vip=${planted['attribute value of a rule']}`]
    const patch = ['patch', '--conversation', 'conversation-0', '--purpose', 'customer', ...set]
    const outputs = [
      await command('dead-letters', 'list'),
      await command('dead-letters', 'replay', '--all'),
      await command('events', 'list'),
      await command('events', 'show', 'event-0'),
      await command('delivery', 'status'),
      await command(...patch),
      await command(...patch, '--dry-run'),
      await command('doctor'),
      await command('doctor', '--json'),
    ]
    await reloadRules(parts)
    outputs.push(await command('doctor'))
    await service.stop()

    assert.ok(login.tokens.length >= 2)
    for (const line of expectedLines) assert.ok(service.output().includes(line), line)
    const tokens = Object.fromEntries(login.tokens.map((token, index) => [`access token ${index}`, token]))
    assert.deepEqual(leaksIn(service.output(), tokens), [])
    for (const { output } of outputs) assert.deepEqual(leaksIn(output, tokens), [])
  })
}

const password = planted['password in a URL']

for (const [name, changed] of Object.entries({
  'an API URL with credentials': { GENESYS_API_URL: `https://user:${password}@api.example.org` },
  'a login URL of another scheme': { GENESYS_LOGIN_URL: `ftp://user:${password}@login.example.org` },
  'a store that this version does not have': { STORE_URL: `redis://user:${password}@db/inbox` },
  'a PostgreSQL URL with a mistake': { STORE_URL: `postgres://user:${password}@db/inbox?ssl=1` },
  'a token that is too short': { WEBHOOK_TOKENS: 'pw-7f3a', ADMIN_TOKEN: '' },
  'a secret with a line break': { GENESYS_CLIENT_SECRET: `${planted['OAuth client secret']}\n` },
  'a secret and its file': {
    GENESYS_CLIENT_SECRET: planted['OAuth client secret'],
    GENESYS_CLIENT_SECRET_FILE: '/none',
  },
  'a tracing endpoint that is not a URL': { OTEL_EXPORTER_OTLP_ENDPOINT: `user:${password}@collector` },
})) {
  test(`a start with ${name} prints no secret`, async (t) => {
    const { environment } = await setUp(t)
    const [serve, doctor] = [await inFolder(t, {}, 'serve'), await inFolder(t, {}, 'doctor')]
    const env = { ...environment, GENESYS_CLIENT_ID: 'demo', PORT: 'not a port', ...changed }
    for (const { run } of [serve, doctor]) {
      const { code, stdout, stderr } = await run([], { env })
      assert.notEqual(code, 0)
      assert.match(stdout + stderr, /PORT/)
      assert.deepEqual(leaksIn(stdout + stderr, { 'short token': 'pw-7f3a' }), [])
    }
  })
}
