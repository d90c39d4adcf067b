import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { withinDeadline } from '../../src/sqs/deadline.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { until } from '../helpers/wait.ts'
import { body, take } from './harness.ts'

const never = () => new Promise<never>(() => {})

async function listen(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return address.port
}

const credentials = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>test</AccessKeyId><SecretAccessKey>test</SecretAccessKey>
<SessionToken>test</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials>
</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`

/** A web identity. AWS STS does not answer while it is `silent`. */
async function silentSts(t: TestContext) {
  const control = { silent: true }
  const server = createServer((request, response) => {
    request.resume()
    if (!control.silent) response.writeHead(200, { 'content-type': 'text/xml' }).end(credentials)
  })
  t.after(() => server.closeAllConnections())
  const port = await listen(t, server)
  const tokenFile = join(await temporaryFolder(t), 'token')
  await writeFile(tokenFile, 'a-token')
  const aws = {
    AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile,
    AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/x',
    AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${port}`,
    AWS_EC2_METADATA_DISABLED: 'true',
  }
  return { control, aws }
}

test('a call ends after its time and on abort, although it heeds neither', async () => {
  const { signal } = new AbortController()
  await assert.rejects(withinDeadline(never, { timeoutMs: 5, signal }), { name: 'TimeoutError' })
  const stop = new AbortController()
  const stopped = withinDeadline(never, { timeoutMs: 60_000, signal: stop.signal })
  stop.abort()
  await assert.rejects(stopped, { name: 'AbortError' })
  await assert.rejects(withinDeadline(never, { timeoutMs: 60_000, signal: stop.signal }), {
    name: 'AbortError',
  })
  assert.equal(await withinDeadline(async () => 7, { timeoutMs: 60_000, signal }), 7)
})

test('a silent AWS STS is a failure of the call until it answers', async (t) => {
  const { control, aws } = await silentSts(t)
  const { failing, healthy, status } = await take(t, {
    aws,
    timing: { waitSeconds: 0, credentialsTimeoutMs: 100, callTimeoutMs: 1_000 },
  })
  await failing('sqs_unavailable')
  assert.equal(status().failure?.cause, 'ReceiveMessage: CredentialsTimeoutError')
  control.silent = false
  await healthy()
})

test('a stop does not wait for the search for credentials', async (t) => {
  const { source, status } = await take(t, { aws: (await silentSts(t)).aws })
  await until('the receive waits', () => status().receiving === 1)
  await source.stop(60_000)
  assert.equal(status().receiving, 0)
})

test('an answer whose body stalls ends with the time of the call', async (t) => {
  const connections = new Set<unknown>()
  const server = createServer((request, response) => {
    connections.add(request.socket)
    request.socket.once('close', () => connections.delete(request.socket))
    request.resume()
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).write('{"Messages":[')
  })
  t.after(() => server.closeAllConnections())
  const { queue, failing, status, source } = await take(t, {
    endpoint: `http://127.0.0.1:${await listen(t, server)}`,
    timing: { waitSeconds: 0, callTimeoutMs: 200 },
  })
  queue.send(body(1))
  await failing('sqs_unavailable')
  assert.equal(status().failure?.cause, 'ReceiveMessage: TimeoutError')
  await source.stop(0)
  await until('the connections are closed', () => connections.size === 0)
})
