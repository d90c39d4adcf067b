import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { AdminStatus } from '../../src/cli/admin/answers.ts'
import { idleStatus } from '../helpers/idle.ts'
import { skipWithoutTerminal as skip, startOnTerminal } from '../helpers/terminal.ts'
import { until } from '../helpers/wait.ts'
import { inFolder } from './harness.ts'

const statusWith = (dead: number): AdminStatus => ({
  ...idleStatus,
  inbox: { ...idleStatus.inbox, dead },
})

/** A service whose replay of 4,000 dead letters takes until `finish`. After the first status, 3,000 are left. */
async function slowService(t: TestContext) {
  const replay = Promise.withResolvers<void>()
  let statusCalls = 0
  const server = createServer(async (request, response) => {
    response.setHeader('content-type', 'application/json')
    if (request.method === 'GET') {
      statusCalls += 1
      response.end(JSON.stringify(statusWith(statusCalls === 1 ? 4_000 : 3_000)))
      return
    }
    await replay.promise
    response.writeHead(202).end(JSON.stringify({ replayed: 4_000 }))
  }).listen(0, '127.0.0.1')
  t.after(() => {
    replay.resolve()
    server.close()
  })
  await until('the server listens', () => server.listening)
  const { port } = server.address() as AddressInfo
  return {
    env: { ADMIN_TOKEN: 'admin-token', PORT: String(port) },
    finish: () => replay.resolve(),
    statusCalls: () => statusCalls,
  }
}

test('on a terminal, a long replay shows a bar until it ends', { skip }, async (t) => {
  const { env, finish } = await slowService(t)
  const { output, ended } = startOnTerminal(t, 'dead-letters replay --all', env)
  await until('the bar is there', () => output().includes('25%  1,000 of 4,000 dead letters replayed'))
  finish()
  assert.equal(await ended, 0)
  assert.ok(
    output().endsWith(
      '\u001b[2K4,000 dead letters are pending again. Check: genesys-enricher events list --state pending\r\n',
    ),
    output(),
  )
})

test('elsewhere, and with --json, a replay of some seconds prints only its result', async (t) => {
  for (const [args, expected] of [
    [[], '4,000 dead letters are pending again. Check: genesys-enricher events list --state pending\n'],
    [['--json'], '{\n  "replayed": 4000\n}\n'],
  ] as const) {
    const { env, finish, statusCalls } = await slowService(t)
    const { run } = await inFolder(t, {}, 'dead-letters')
    const running = run(['replay', '--all', ...args], { env })
    await until('progress was read', () => statusCalls() > 2)
    finish()
    assert.deepEqual(await running, { code: 0, stdout: expected, stderr: '' })
  }
})
