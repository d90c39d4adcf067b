import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { adminToken } from '../helpers/service.ts'
import { inFolder } from './harness.ts'
import { errorIn, setUp } from './operator-harness.ts'

const status = ['delivery', 'status']

test('without a running service, the error names the URL and how to give another: exit code 1', async (t) => {
  const { run } = await inFolder(t, {}, 'delivery')
  const env = { ADMIN_TOKEN: adminToken, PORT: '9' }
  const { code, stdout, stderr } = await run(['status'], { env })
  assert.deepEqual([code, stdout], [1, ''])
  assert.match(stderr, /^No answer from http:\/\/localhost:9: ECONNREFUSED\n.*--url/)
  const json = await run(['status', '--json'], { env })
  assert.deepEqual([json.code, json.stderr, errorIn(json.stdout).code], [1, '', 'service_unreachable'])
})

test('a wrong token is refused, and the error says which variable to check', async (t) => {
  const { run, env } = await setUp(t)
  const { code, stderr } = await run(status, { ...env, ADMIN_TOKEN: 'another-token' })
  assert.equal(code, 1)
  assert.match(stderr, /refuses the admin token \(401\)\n.*ADMIN_TOKEN.*--token-file/)
  assert.doesNotMatch(stderr, /another-token/)
})

test('after too many wrong tokens, the error says how long the service refuses the address', async (t) => {
  const { run, env } = await setUp(t, { environment: { WEBHOOK_MAX_FAILURES: '1' } })
  const wrong = { ...env, ADMIN_TOKEN: 'another-token' }
  await run(status, wrong)
  const { code, stderr } = await run(status, wrong)
  assert.equal(code, 1)
  assert.match(
    stderr,
    /too many wrong admin tokens \(429\)\nCorrect the token.*The right token works at once; another wrong one only after \d+ s\.$/m,
  )
  assert.equal((await run(status)).code, 0)
})

test('a service without ADMIN_TOKEN answers 404, and the error says so', async (t) => {
  const { run } = await setUp(t, { environment: { ADMIN_TOKEN: '' } })
  const { code, stdout } = await run([...status, '--json'])
  const { code: errorCode, message, remedy } = errorIn(stdout)
  assert.deepEqual([code, errorCode], [1, 'admin_unavailable'])
  assert.match(String(message), /does not have this admin route \(404\)/)
  assert.match(String(remedy), /Set ADMIN_TOKEN for the service/)
})

test('another program at the URL is recognised', async (t) => {
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/lost/admin/status' ? 404 : 200
    response.end('<html>')
  }).listen(0)
  t.after(() => server.close())
  const { run } = await inFolder(t, {}, 'delivery')
  const url = `http://localhost:${(server.address() as AddressInfo).port}`
  for (const [path, detail] of [
    ['', 'the body: '],
    ['/lost/', 'status 404 without a problem document'],
  ] as const) {
    const { code, stderr } = await run(['status', '--url', `${url}${path}`], {
      env: { ADMIN_TOKEN: adminToken },
    })
    assert.equal(code, 1)
    assert.ok(stderr.includes(`is not one of the admin routes: ${detail}`), stderr)
  }
})

test('the token comes from --token-file, ADMIN_TOKEN_FILE or .env', async (t) => {
  const { url } = await setUp(t)
  const { run } = await inFolder(t, { token: `${adminToken}\n`, '.env': 'PORT=9\n' }, 'delivery')
  const other = { ADMIN_TOKEN: 'another-token' }
  assert.equal((await run(['status', '--url', url, '--token-file', 'token'], { env: other })).code, 0)
  assert.equal((await run(['status', '--url', url], { env: { ADMIN_TOKEN_FILE: 'token' } })).code, 0)
  const { run: runWithEnv } = await inFolder(
    t,
    { '.env': `PORT=${new URL(url).port}\nADMIN_TOKEN=${adminToken}\n` },
    'delivery',
  )
  assert.equal((await runWithEnv(['status'])).code, 0)
})

test('all problems of the connection are printed at once: exit code 2', async (t) => {
  const { run } = await inFolder(t, {}, 'delivery')
  const { code, stdout, stderr } = await run(['status'])
  assert.deepEqual([code, stdout], [2, ''])
  assert.match(stderr, /^The command cannot call the service\n {2}- ADMIN_TOKEN is required/)
  const url = await run(['status', '--url', 'localhost:8080', '--json'])
  assert.equal(url.code, 2)
  assert.match(String(errorIn(url.stdout).message), /Must be an http:\/\/ or https:\/\/ URL without/)
  const wrong = await run(['status', '--token-file', 'none', '--json'], { env: { PORT: '0' } })
  assert.deepEqual([wrong.code, wrong.stderr], [2, ''])
  assert.deepEqual(errorIn(wrong.stdout).problems, [
    '--token-file: cannot read none (ENOENT): check the path and its permissions',
    '--url is required, because PORT is 0: the log line "listening" of the service has the URL',
  ])
})

test('without --url, the commands use HOST and PORT; without a token, the error says how to set one', async (t) => {
  const { run } = await inFolder(t, {}, 'delivery')
  for (const [HOST, url] of [
    ['127.0.0.2', 'http://127.0.0.2:9'],
    ['0.0.0.0', 'http://localhost:9'],
    ['::1', 'http://[::1]:9'],
  ] as const) {
    const { stderr } = await run(['status'], { env: { ADMIN_TOKEN: adminToken, HOST, PORT: '9' } })
    assert.ok(stderr.startsWith(`No answer from ${url}: `), stderr)
  }
  const { code, stderr } = await run(['status'], { env: { PORT: '9' } })
  assert.equal(code, 2)
  assert.match(
    stderr,
    /ADMIN_TOKEN is required: .* If the service has none, set ADMIN_TOKEN in its environment or \.env/,
  )
})
