import assert from 'node:assert/strict'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { version } from '../../src/config/version.ts'
import { type CheckResult, checkNames } from '../../src/doctor/check-result.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { startInProcess } from '../helpers/in-process.ts'
import { setUpDoctor } from './doctor-harness.ts'

async function setUp(t: TestContext) {
  const simulator = await startSimulator()
  t.after(() => simulator.close())
  return { simulator, ...(await setUpDoctor(t, simulator)) }
}

test('a healthy installation: a line for each check, a summary, exit code 0', async (t) => {
  const { inProcess } = await setUp(t)
  const { code, stdout, stderr } = await inProcess()
  assert.equal(code, 0, stdout)
  assert.equal(stderr, '')
  const lines = stdout.split('\n')
  assert.deepEqual(
    lines.slice(0, checkNames.length).map((line) => line.split(' ')[1]),
    checkNames,
  )
  assert.match(stdout, /^✓ login {10}the OAuth client received a token$/m)
  assert.match(stdout, /^- service {8}skipped: the URL of the service is unknown: give --url$/m)
  assert.match(stdout, /\n\n13 ok, 0 warnings, 0 failed, 2 skipped\n$/)
})

test('a failed check has its remedy on the next line: exit code 1', async (t) => {
  const { doctor } = await setUp(t)
  const { code, stdout, stderr } = await doctor([], { GENESYS_CLIENT_SECRET: 'not-the-secret' })
  assert.equal(code, 1)
  assert.equal(stderr, '')
  assert.match(stdout, /^✗ login {10}Genesys Cloud refuses.*\n {17}→ Check GENESYS_CLIENT_ID/m)
  assert.match(stdout, /\n\n10 ok, 0 warnings, 1 failed, 4 skipped\n$/)
  assert.doesNotMatch(stdout, /not-the-secret|test-token|test-admin-token/)
})

test('warnings alone leave the exit code 0', async (t) => {
  const { doctor } = await setUp(t)
  const { code, stdout } = await doctor([], { DRY_RUN: 'true' })
  assert.equal(code, 0)
  assert.match(stdout, /^! configuration {2}DRY_RUN=true: /m)
})

test('--json prints one document and nothing else', async (t) => {
  const { doctor } = await setUp(t)
  const { code, stdout, stderr } = await doctor(['--json'], { GENESYS_CLIENT_SECRET: 'not-the-secret' })
  assert.deepEqual([code, stderr], [1, ''])
  const { results, ...document } = JSON.parse(stdout)
  assert.deepEqual(document, {
    version,
    ok: false,
    counts: { ok: 10, warning: 0, failed: 1, skipped: 4 },
  })
  assert.deepEqual(
    results.map(({ check }: CheckResult) => check),
    checkNames,
  )
  const login = results.find(({ check }: CheckResult) => check === 'login')
  assert.deepEqual(Object.keys(login), ['check', 'result', 'finding', 'remedy'])
  assert.equal(login.result, 'failed')
})

test('remedies that several results share are printed once', async (t) => {
  const { doctor } = await setUp(t)
  const { code, stdout } = await doctor([], { PORT: 'eighty', MAX_BATCH: 'many' })
  assert.equal(code, 1)
  assert.match(
    stdout,
    /^✗ configuration {2}PORT must be .*\n {17}→ Change it.*\n✗ configuration {2}MAX_BATCH must be .*\n✓/m,
  )
})

test('settings come from .env in the current folder, as for serve', async (t) => {
  const { doctor, folder } = await setUp(t)
  await writeFile(join(folder, '.env'), 'GENESYS_CLIENT_SECRET=from-the-file\nLOG_LEVEL=loud\n')
  const { stdout } = await doctor()
  assert.match(stdout, /^✗ configuration {2}LOG_LEVEL must be one of/m)
})

test('wrong usage: exit code 2, and nothing is checked', async (t) => {
  const { doctor, simulator } = await setUp(t)
  for (const args of [['--url', 'localhost'], ['--url', 'http://u:p@localhost'], ['--fix'], ['now']]) {
    const { code, stdout } = await doctor(args)
    assert.deepEqual([code, stdout], [2, ''], args.join(' '))
  }
  assert.deepEqual(simulator.calls(), [])
})

test('a running service is recognised at --url and keeps its inbox', async (t) => {
  const { doctor, environment, folder } = await setUp(t)
  const service = await startInProcess(t, environment)
  const before = await readdir(join(folder, 'data'))
  const { code, stdout } = await doctor(['--url', `${service.url}/`])
  assert.equal(code, 0, stdout)
  assert.match(stdout, /^✓ store {10}.*in use by a running service$/m)
  assert.ok(
    stdout.includes(`✓ service        ${service.url}: version ${version}, /livez and /readyz answer 200`),
  )
  assert.deepEqual(await readdir(join(folder, 'data')), before)
})

test('the store in a folder that does not exist yet is not created', async (t) => {
  const { doctor, folder } = await setUp(t)
  await mkdir(join(folder, 'volume'))
  const { code } = await doctor([], { STORE_URL: `sqlite:${join(folder, 'volume', 'new', 'inbox.db')}` })
  assert.equal(code, 0)
  assert.deepEqual(await readdir(join(folder, 'volume')), [])
})
