import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { until } from '../helpers/wait.ts'
import { conversation, customer, errorIn, onCustomer, setUp, setVip } from './patch-harness.ts'

const reads = { method: 'GET' }
const patches = { method: 'PATCH' }
const args = [...onCustomer, ...setVip]

test('a 403 on reading names the permission and the division', async (t) => {
  const { simulator, patch } = await setUp(t)
  simulator.addFault({ match: reads, status: 403 })
  const { code, stdout, stderr } = await patch(args)
  assert.deepEqual([code, stdout], [1, ''])
  assert.match(stderr, /^Genesys Cloud denies access to conversation conversation-1: 403 not\.authorized/)
  assert.match(stderr, /permission conversation:communication:view in the division of the conversation/)
})

test('a 403 on setting names the participant and the division', async (t) => {
  const { simulator, patch } = await setUp(t)
  simulator.addFault({ match: patches, status: 403 })
  const { code, stderr } = await patch(args)
  assert.equal(code, 1)
  assert.match(stderr, /denies access to participant participant-1 of conversation conversation-1: 403/)
  assert.match(stderr, /division/)
})

test('a 404 says to check id, region and division, and names the API that was called', async (t) => {
  const { simulator, patch, calls } = await setUp(t)
  const { code, stderr } = await patch(['--conversation', 'unknown', '--purpose', 'customer', ...setVip])
  assert.equal(code, 1)
  assert.match(stderr, /^Genesys Cloud does not find conversation unknown: 404 conversation\.not\.found/)
  for (const word of ['Check the id', 'GENESYS_ENV', simulator.url, 'division'])
    assert.ok(stderr.includes(word), word)
  assert.equal(calls('GET').length, 1)
})

for (const [status, code] of [
  [400, 'rejected'],
  [404, 'not_found'],
  [409, 'conflict'],
  [413, 'rejected'],
  [500, 'api_unavailable'],
  [503, 'api_unavailable'],
] as const) {
  test(`a PATCH that gets ${status} ends the command with ${code}`, async (t) => {
    const { simulator, patch, calls } = await setUp(t)
    simulator.addFault({ match: patches, status })
    const result = await patch([...args, '--json'])
    assert.equal(result.code, 1)
    const error = errorIn(result.stdout)
    assert.equal(error.code, code)
    assert.match(String(error.message), new RegExp(`participant participant-1 .*: ${status} `))
    assert.notEqual(error.remedy, '')
    assert.equal(calls('PATCH').length, 1)
  })
}

test('it waits for the Retry-After of a 429, says so on standard error, and sets the attributes', async (t) => {
  const { simulator, patch, calls } = await setUp(t)
  simulator.addFault({ match: reads, status: 429, headers: { 'Retry-After': '1' } })
  simulator.addFault({ match: patches, status: 429, headers: { 'Retry-After': '1' } })
  const { code, stdout, stderr } = await patch(args)
  assert.equal(code, 0)
  assert.match(stdout, /^Set vip_status on participant/)
  assert.equal(stderr, 'Rate limit reached, waiting 1 s.\n'.repeat(2))
  for (const method of ['GET', 'PATCH']) {
    const [refused, accepted] = calls(method)
    assert.ok(refused !== undefined && accepted !== undefined)
    assert.ok(accepted.at - refused.at >= 1_000, `${method} again after ${accepted.at - refused.at} ms`)
  }
})

test('with --json, a wait prints nothing', async (t) => {
  const { simulator, patch } = await setUp(t)
  simulator.addFault({ match: patches, status: 429, headers: { 'Retry-After': '0.2' } })
  const { code, stdout, stderr } = await patch([...args, '--json'])
  assert.deepEqual([code, stderr], [0, ''])
  assert.equal(JSON.parse(stdout).participants.length, 1)
})

test('a Retry-After beyond the timeout ends the command at once and is shown', async (t) => {
  const { simulator, patch, attributesOf } = await setUp(t)
  const fault = { match: patches, status: 429, headers: { 'Retry-After': '90' } }
  simulator.addFault(fault)
  const { code, stderr } = await patch(args)
  assert.equal(code, 1)
  assert.match(stderr, /Genesys Cloud asks to wait 90 s, but --timeout ends after 60 s\./)
  simulator.addFault(fault)
  const { stdout } = await patch([...args, '--timeout', '2.5', '--json'])
  const error = errorIn(stdout)
  assert.deepEqual([error.code, error.retryAfterMs], ['rate_limited', 90_000])
  assert.match(String(error.message), /after 3 s/)
  assert.deepEqual(attributesOf(customer), {})
})

test('a call without an answer ends with the timeout', async (t) => {
  const { simulator, patch } = await setUp(t)
  simulator.addFault({ match: patches, delayMs: 600_000 })
  const { code, stderr } = await patch([...args, '--timeout', '1'])
  assert.equal(code, 1)
  assert.match(stderr, /No usable answer .* no answer within 1000 ms\n.*may be set already/)
})

for (const [title, match] of [
  ['reading', reads],
  ['setting', patches],
] as const) {
  test(`a 401 on ${title} gets a new token once`, async (t) => {
    const { simulator, patch, calls } = await setUp(t)
    simulator.addFault({ match, status: 401 })
    assert.equal((await patch(args)).code, 0)
    assert.equal(calls('POST').length, 2)
    simulator.addFault({ match, status: 401, times: 5 })
    const { code, stderr } = await patch(args)
    assert.equal(code, 1)
    assert.match(stderr, /refuses the OAuth client: the API refuses new tokens too \(401\)/)
    assert.equal(calls('POST').length, 4)
  })
}

test('a wrong client secret is shown with the variables to check, never with the secret', async (t) => {
  const { patch } = await setUp(t)
  const { code, stderr } = await patch(args, { GENESYS_CLIENT_SECRET: 'not-the-secret' })
  assert.equal(code, 1)
  assert.match(stderr, /token endpoint: 401 invalid_client/)
  assert.match(stderr, /GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET and GENESYS_ENV/)
  assert.doesNotMatch(stderr, /not-the-secret/)
})

test('an API that cannot be reached ends the command at once', async (t) => {
  const { patch } = await setUp(t)
  const { code, stderr } = await patch(args, { GENESYS_API_URL: 'http://127.0.0.1:9' })
  assert.equal(code, 1)
  assert.match(stderr, /ECONNREFUSED\nCheck the network, GENESYS_ENV and the URLs/)
})

test('SIGINT ends the command at once, also while it waits for the rate limit', async (t) => {
  const { simulator, start, calls } = await setUp(t)
  simulator.addFault({ match: patches, status: 429, headers: { 'Retry-After': '50' } })
  const child = start(args)
  t.after(() => child.kill('SIGKILL'))
  const ended = once(child, 'exit')
  let written = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    written += text
  })
  await until('the command waits', () => written.includes('waiting 50 s'))
  child.kill('SIGINT')
  assert.deepEqual(await ended, [null, 'SIGINT'])
  assert.equal(calls('PATCH').length, 1)
})

test('all problems of options and environment are printed at once: exit code 2', async (t) => {
  const { runWith } = await setUp(t)
  const wrong = ['--conversation', 'a/b', '--participant', 'p', '--purpose', 'x', '--all', '--timeout', '0']
  const texts = ['--set', 'hush', '=hush', 'vip=hush', 'vip=hush', ' vip =hush']
  const { code, stdout, stderr } = await runWith([...wrong, ...texts], {
    GENESYS_ENV: 'example.com',
    GENESYS_REGION: 'mypurecloud.de',
    WEBHOOK_TOKENS: 'short',
  })
  assert.deepEqual([code, stdout], [2, ''])
  const [title, ...problems] = stderr.trimEnd().split('\n')
  assert.equal(title, 'Nothing is set: options or configuration are not valid')
  assert.deepEqual(
    problems.map((problem) => /^ {2}- (.{19})/.exec(problem)?.[1]),
    [
      '--conversation must',
      'exactly one of --pa',
      '--all needs --purpo',
      '--set: entry 1 has ',
      '--set: entry 2 has ',
      '--set: entry 4 name',
      '--set: entry 5 has ',
      '--timeout must be a',
      'GENESYS_CLIENT_ID i',
      'GENESYS_CLIENT_SECR',
      'GENESYS_ENV "exampl',
      'GENESYS_REGION is n',
    ],
  )
  assert.doesNotMatch(stderr, /hush/)
})

test('with --json, wrong usage is a document too: exit code 2', async (t) => {
  const { patch } = await setUp(t)
  const missing = await patch([...conversation, '--json'])
  assert.deepEqual([missing.code, missing.stderr], [2, ''])
  assert.deepEqual(errorIn(missing.stdout), {
    code: 'invalid_usage',
    message: 'Nothing is set: options or configuration are not valid',
    problems: [
      'exactly one of --participant, --external-id and --purpose is required',
      '--set is required: NAME=VALUE, such as --set vip_status=true',
    ],
  })
  const unknown = await patch([...args, '--json', '--force'])
  assert.deepEqual([unknown.code, unknown.stderr], [2, ''])
  assert.deepEqual(errorIn(unknown.stdout), { code: 'invalid_usage', message: "unknown option '--force'" })
})

test('it reads .env, needs only the GENESYS_ variables, and warns about misspelt ones', async (t) => {
  const { env, runWith } = await setUp(t)
  const { GENESYS_CLIENT_ID, ...others } = env
  const files = {
    '.env': `GENESYS_CLIENT_ID=${GENESYS_CLIENT_ID}\nGENESYS_REGION=x\nPORT=none\nSTORE_URL=none\nDRY_RUN=true\n`,
  }
  const { runWith: runWithFile } = await setUp(t, { files })
  assert.equal((await runWith(args, others)).code, 2)
  assert.deepEqual(await runWithFile(args, others), {
    code: 0,
    stdout:
      'Set vip_status on participant participant-1 (customer) of conversation conversation-1.\nTo see the values, read participants[].attributes of the conversation in the API Explorer, or use Get Participant Data in Architect.\n',
    stderr: 'Warning: GENESYS_REGION is not a setting and has no effect\n',
  })
})
