import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { until } from '../helpers/wait.ts'
import { customerEvent, errorIn, setUp } from './operator-harness.ts'

test('status shows state, budget, pending events and dead letters', async (t) => {
  const { run, settle } = await setUp(t)
  await settle(customerEvent('e1'))
  const { code, stdout, stderr } = await run(['delivery', 'status'])
  assert.deepEqual([code, stderr], [0, ''])
  const lines = stdout.split('\n')
  assert.equal(lines[0], 'Delivery      running')
  assert.match(
    lines[1] ?? '',
    /^Budget {8}29\d of 300 calls left, reset at \S+Z \(in (1 min )?\d+ (s|min)\)$/,
  )
  assert.deepEqual(lines.slice(2), [
    'Pending       0 events',
    'In flight     0 participants',
    'Dead letters  0',
    'Since start   accepted 1, duplicates 0, ignored 0, rejected 0',
    '              applied 1, unchanged 0, dead 0, undecided 0',
    '',
  ])
})

test('status counts what failed since the start: dead letters by code, undecided rules by field', async (t) => {
  const { run, settle } = await setUp(t)
  const lacking = customerEvent('e2', { participant: undefined })
  await settle(customerEvent('e1', { participantId: undefined }), lacking, { ...lacking, id: 'e3' })
  const { stdout } = await run(['delivery', 'status'])
  assert.match(stdout, /^Given up {6}participant_not_found 1$/m)
  assert.match(
    stdout,
    /^Undecided {5}"tag customers" 2 times: participant\.purpose is missing \(no_such_key\)$/m,
  )
  const { failures } = JSON.parse((await run(['delivery', 'status', '--json'])).stdout)
  assert.deepEqual(failures, {
    dead: [{ code: 'participant_not_found', count: 1 }],
    undecided: [{ rule: 'tag customers', code: 'no_such_key', missing: ['participant.purpose'], count: 2 }],
  })
})

test('a budget that no answer has reported yet is shown as an assumption', async (t) => {
  const { run } = await setUp(t)
  const { stdout } = await run(['delivery', 'status'])
  assert.match(stdout, /^Budget {8}300 of 300 calls left \(assumed: no answer of Genesys Cloud/m)
})

test('status --json prints the answer of the service and nothing else', async (t) => {
  const { run, statusOf } = await setUp(t)
  const { code, stdout, stderr } = await run(['delivery', 'status', '--json'])
  assert.deepEqual([code, stderr], [0, ''])
  const { nodes, ...answer } = JSON.parse(stdout)
  const { nodes: expectedNodes, ...expected } = await statusOf()
  assert.deepEqual(answer, expected)
  assert.equal(nodes[0].id, expectedNodes[0]?.id)
})

test('status shows why the circuit is open, and the next step', async (t) => {
  const { run, post } = await setUp(t, { environment: { GENESYS_CLIENT_SECRET: 'wrong' } })
  await post(customerEvent('e1'))
  const { stdout } = await until('the circuit is open', async () => {
    const result = await run(['delivery', 'status'])
    return result.stdout.includes('credentials_refused') && result
  })
  assert.match(
    stdout,
    /^Delivery {6}open: Genesys Cloud refused the OAuth client \(credentials_refused\)\n {14}Check GENESYS_CLIENT_ID/,
  )
  assert.match(stdout, /^Pending {7}1 event, the oldest for \d+ s$/m)
})

test('status shows the pause after a 429 and when it ends', async (t) => {
  const { simulator, run, post } = await setUp(t)
  simulator.addFault({ match: { method: 'PATCH' }, status: 429, headers: { 'Retry-After': '300' } })
  await post(customerEvent('e1'))
  const { stdout } = await until('delivery is paused', async () => {
    const result = await run(['delivery', 'status'])
    return result.stdout.includes('paused') && result
  })
  assert.match(stdout, /^Delivery {6}paused after a 429, for (5 min|4 min \d+ s) more\n {14}Nothing to do/)
})

test('status --watch goes on when the service stops answering and answers again, until SIGINT: exit code 0', async (t) => {
  const { start, url } = await setUp(t)
  let requests = 0
  const proxy = createServer(async (request, response) => {
    requests += 1
    if (requests === 2) return void request.socket.destroy()
    const answer = await fetch(`${url}${request.url}`, {
      headers: { authorization: request.headers.authorization ?? '' },
    })
    response.end(await answer.text())
  }).listen(0)
  t.after(() => proxy.close())
  const proxyUrl = `http://localhost:${(proxy.address() as AddressInfo).port}`
  const child = await start(['delivery', 'status', '--watch', '--url', proxyUrl])
  t.after(() => child.kill('SIGKILL'))
  const ended = once(child, 'exit')
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  await until('the status is printed again', () => output.split('Delivery      running').length === 4)
  child.kill('SIGINT')
  assert.deepEqual(await ended, [0, null])
  const lines = output.split('\n').filter((line) => /^(Delivery|No answer)/.test(line))
  assert.deepEqual(lines, [
    'Delivery      running',
    `No answer from ${proxyUrl}: ECONNRESET`,
    'Delivery      running',
    'Delivery      running',
  ])
})

test('--watch with --json is wrong usage', async (t) => {
  const { run } = await setUp(t)
  const { code, stdout } = await run(['delivery', 'status', '--watch', '--json'])
  assert.equal(code, 2)
  assert.deepEqual(errorIn(stdout).problems, ['--json prints one document: leave out --watch'])
})

test('pause stops all calls with a reason, resume ends the pause', async (t) => {
  const { run, post, statusOf, simulator } = await setUp(t)
  const paused = await run(['delivery', 'pause', '--reason', 'change window'])
  assert.deepEqual(paused, {
    code: 0,
    stdout:
      'Delivery is paused. The service still accepts events. Resume with: genesys-enricher delivery resume\n',
    stderr: '',
  })
  await post(customerEvent('e1'))
  const { stdout } = await run(['delivery', 'status'])
  assert.match(
    stdout,
    /^Delivery {6}paused by an operator since \S+Z: change window\n {14}Events are accepted/,
  )
  assert.match(stdout, /^Pending {7}1 event/m)
  assert.equal(simulator.calls().filter(({ method }) => method === 'PATCH').length, 0)
  const resumed = await run(['delivery', 'resume'])
  assert.deepEqual([resumed.code, resumed.stdout], [0, 'Delivery is not paused by an operator any more.\n'])
  await until('the event is applied', async () => (await statusOf()).totals.applied === 1)
})

test('a second pause keeps the reason unless it gives another, and says since when delivery is paused', async (t) => {
  const { run } = await setUp(t)
  const pause = async (...args: readonly string[]) => (await run(['delivery', 'pause', ...args])).stdout
  await pause('--reason', 'change window')
  assert.match(
    await pause(),
    /^Delivery was already paused since \S+Z; the reason stays: change window\. Resume/,
  )
  assert.match(await pause('--reason', 'new rules'), /; the reason is now: new rules\. Resume/)
  await run(['delivery', 'resume'])
  assert.deepEqual(await run(['delivery', 'resume']), {
    code: 0,
    stdout: 'Delivery was not paused by an operator.\n',
    stderr: '',
  })
})

test('pause and resume print one JSON document with --json', async (t) => {
  const { run } = await setUp(t)
  const { stdout } = await run(['delivery', 'pause', '--json'])
  const { paused, since, reason } = JSON.parse(stdout)
  assert.deepEqual([paused, typeof since, reason], [true, 'string', null])
  const resumed = await run(['delivery', 'resume', '--json'])
  assert.deepEqual(JSON.parse(resumed.stdout), {
    paused: false,
    since: null,
    reason: null,
    wasPaused: true,
  })
})

test('a reason that is too long is wrong usage', async (t) => {
  const { run } = await setUp(t)
  const { code, stderr } = await run(['delivery', 'pause', '--reason', 'x'.repeat(500)])
  assert.equal(code, 2)
  assert.match(stderr, /^The service refuses the request: .*\n {2}- .*reason.*200/)
})
