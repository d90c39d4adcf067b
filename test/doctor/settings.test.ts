import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../helpers/folder.ts'
import { runDoctor, setUpDoctor } from './harness.ts'

test('an empty environment: each problem is a result, and the checks without settings are skipped', async () => {
  const { results, notOk } = await runDoctor({})
  const problems = results.filter(({ check }) => check === 'configuration').map(({ finding }) => finding)
  assert.equal(problems.length, 3)
  assert.match(problems.join('\n'), /^GENESYS_CLIENT_ID is required.*\nGENESYS_CLIENT_SECRET.*\nWEBHOOK_/s)
  assert.equal(notOk.login, 'skipped')
})

test('invalid settings skip only the checks that need them', async (t) => {
  const { run } = await setUpDoctor(t)
  const { notOk, of } = await run({ environment: { WEBHOOK_TOKENS: 'short', PORT: 'eighty' } })
  assert.deepEqual(notOk, {
    configuration: 'failed',
    port: 'skipped',
    service: 'skipped',
    'admin-token': 'skipped',
  })
  assert.equal(of('port').finding, 'the settings of the port are not valid')
  assert.equal(of('service').finding, 'the URL of the service is unknown: give --url')
})

test('an unknown region skips all checks of Genesys Cloud', async (t) => {
  const { environment } = await setUpDoctor(t)
  const { notOk } = await runDoctor({ ...environment, GENESYS_ENV: 'example.org', GENESYS_API_URL: '' })
  assert.deepEqual(notOk, {
    configuration: 'failed',
    'login-host': 'skipped',
    'api-host': 'skipped',
    login: 'skipped',
    clock: 'skipped',
    permission: 'skipped',
    'rate-headers': 'skipped',
    service: 'skipped',
    'admin-token': 'skipped',
  })
})

test('a missing secret skips the login, but the hosts are checked', async (t) => {
  const { run } = await setUpDoctor(t)
  const { of } = await run({ environment: { GENESYS_CLIENT_SECRET: '' } })
  assert.equal(of('api-host').result, 'ok')
  assert.deepEqual(
    [of('login').result, of('login').finding],
    ['skipped', 'the settings of the OAuth client are not valid'],
  )
})

test('a node that only takes events skips all checks of Genesys Cloud', async (t) => {
  const { environment } = await setUpDoctor(t)
  const ingest = { ROLE: 'ingest', STORE_URL: 'postgres://enricher@127.0.0.1:1/enricher' }
  const { of } = await runDoctor({ ...environment, ...ingest, GENESYS_CLIENT_SECRET: '' })
  assert.equal(of('configuration').result, 'ok')
  for (const check of ['login-host', 'api-host', 'login', 'clock', 'permission', 'rate-headers'] as const)
    assert.deepEqual(
      [of(check).result, of(check).finding],
      ['skipped', 'a node with ROLE=ingest does not call Genesys Cloud'],
    )
})

test('a secret can come from a file', async (t) => {
  const { run } = await setUpDoctor(t)
  const file = join(await temporaryFolder(t), 'secret')
  await writeFile(file, 'demo\n')
  const { of } = await run({ environment: { GENESYS_CLIENT_SECRET: '', GENESYS_CLIENT_SECRET_FILE: file } })
  assert.equal(of('login').result, 'ok')
})

test('risky values are warnings', async (t) => {
  const { run } = await setUpDoctor(t)
  const { of } = await run({ environment: { DRY_RUN: 'true' } })
  assert.equal(of('configuration').result, 'warning')
  assert.match(of('configuration').finding, /^DRY_RUN=true: /)
})

test('TLS files that cannot be read fail the configuration', async (t) => {
  const { run } = await setUpDoctor(t)
  const { results } = await run({ environment: { TLS_CERT_FILE: '/nowhere/a', TLS_KEY_FILE: '/nowhere/b' } })
  const problems = results.filter(({ check }) => check === 'configuration').map(({ finding }) => finding)
  assert.match(problems.join('\n'), /^TLS_CERT_FILE: cannot read \/nowhere\/a.*\nTLS_KEY_FILE: cannot read/)
})

test('an old Node.js fails', async (t) => {
  const { run } = await setUpDoctor(t)
  for (const [nodeVersion, result] of [
    ['22.17.1', 'failed'],
    ['20.19.0', 'failed'],
    ['22.18.0', 'ok'],
    ['24.0.0', 'ok'],
  ] as const)
    assert.equal((await run({}, { nodeVersion })).of('node').result, result, nodeVersion)
})
