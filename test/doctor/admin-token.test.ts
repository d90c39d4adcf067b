import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startInProcess } from '../helpers/in-process.ts'
import { setUpDoctor } from './harness.ts'

test('a running service with the same token accepts it', async (t) => {
  const { run, environment } = await setUpDoctor(t)
  const service = await startInProcess(t, environment)
  const { of } = await run({ environment: { PORT: new URL(service.url).port } })
  assert.deepEqual(
    [of('admin-token').result, of('admin-token').finding],
    ['ok', 'the service accepts ADMIN_TOKEN'],
  )
})

test('another token fails, without showing it', async (t) => {
  const { run, environment } = await setUpDoctor(t)
  const service = await startInProcess(t, environment)
  const { of } = await run({
    environment: { PORT: new URL(service.url).port, ADMIN_TOKEN: 'not-the-admin-token' },
  })
  assert.equal(of('admin-token').result, 'failed')
  assert.match(of('admin-token').finding, /refuses ADMIN_TOKEN \(401\)/)
  assert.doesNotMatch(JSON.stringify(of('admin-token')), /not-the-admin-token/)
})

test('a service without a token fails, if the command has one', async (t) => {
  const { run, environment } = await setUpDoctor(t)
  const service = await startInProcess(t, { ...environment, ADMIN_TOKEN: '' })
  const { of } = await run({ environment: { PORT: new URL(service.url).port } })
  assert.equal(of('admin-token').result, 'failed')
  assert.match(of('admin-token').finding, /runs without ADMIN_TOKEN/)
})

test('a missing token is a warning, and without a service the token is not tested', async (t) => {
  const { run } = await setUpDoctor(t)
  const url = 'http://127.0.0.1:9'
  const missing = await run({ environment: { ADMIN_TOKEN: '' } }, { url })
  assert.equal(missing.of('admin-token').result, 'warning')
  assert.match(missing.of('admin-token').remedy ?? '', /openssl rand -base64 32/)
  const untested = await run({}, { url })
  assert.equal(untested.of('admin-token').result, 'skipped')
})
