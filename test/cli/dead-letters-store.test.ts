import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { startInProcess } from '../helpers/in-process.ts'
import { customerEvent, environmentFor } from '../helpers/process.ts'
import { until } from '../helpers/wait.ts'
import { inFolder } from './harness.ts'
import { errorIn } from './operator-harness.ts'

/** The inbox of a service that has given up two events, whose folder the commands run in. */
async function setUp(t: TestContext) {
  const simulator = await startSimulator({ windowPhaseMs: 0 })
  t.after(() => simulator.close())
  for (const index of [1, 2])
    simulator.createConversation({
      id: `conversation-${index}`,
      participants: [{ id: `participant-${index}`, purpose: 'customer' }],
    })
  const { folder, run } = await inFolder(t, {}, 'dead-letters')
  const environment = await environmentFor(folder, simulator)
  const start = () => startInProcess(t, environment)
  const service = await start()
  simulator.addFault({ match: { method: 'PATCH' }, status: 403, times: 2 })
  await service.post([customerEvent(1), customerEvent(2)])
  await until('both are dead letters', async () => (await service.status()).inbox.dead === 2)
  const store = ['--store', environment.STORE_URL ?? '']
  return { service, start, run, store, folder }
}

test('with --store, the commands work on the inbox of a stopped service, and its next start delivers', async (t) => {
  const { service, start, run, store } = await setUp(t)
  await service.stop()
  const listed = await run(['list', ...store, '--code', 'forbidden', '--limit', '1', '--json'])
  const { items, nextCursor } = JSON.parse(listed.stdout)
  assert.deepEqual([items[0].id, items[0].code, nextCursor], ['id:event-1-1', 'forbidden', 1])
  const both = await run(['list', ...store, '--limit', '2', '--json'])
  assert.equal(JSON.parse(both.stdout).nextCursor, null)
  const shown = await run(['show', 'event-1-1', ...store])
  assert.match(shown.stdout, /^State {9}dead: forbidden$/m)
  assert.doesNotMatch(shown.stdout, /rules in force/)
  assert.ok(shown.stdout.endsWith(`dead-letters replay id:event-1-1 ${store.join(' ')}\n`), shown.stdout)
  const summary = await run(['list', ...store])
  assert.ok(
    summary.stdout.includes(
      `  Then: genesys-enricher dead-letters replay --code forbidden ${store.join(' ')}\n`,
    ),
  )
  assert.deepEqual(await run(['replay', 'event-1-1', ...store]), {
    code: 0,
    stdout: '1 dead letter is pending again. The next start of the service delivers it.\n',
    stderr: '',
  })
  const filters = ['--since', '1h', '--rule', 'tag customers', '--code', 'forbidden']
  const dropped = await run(['drop', ...filters, '--yes', ...store, '--json'])
  assert.deepEqual(JSON.parse(dropped.stdout), { dropped: 1 })
  const again = await run(['show', 'event-1-1', ...store, '--json'])
  assert.deepEqual([again.code, errorIn(again.stdout).code], [1, 'event_not_found'])
  const { status } = await start()
  await until('the replayed event is applied', async () => (await status()).totals.applied === 1)
  assert.equal((await status()).inbox.dead, 0)
})

test('with --store, the commands refuse the inbox of a running service', async (t) => {
  const { service, run, store } = await setUp(t)
  const { code, stdout, stderr } = await run(['replay', '--all', ...store])
  assert.deepEqual([code, stdout], [1, ''])
  assert.match(
    stderr,
    /is in use by another process.*\nNothing is changed\. .*leave it out to use the running one/,
  )
  assert.equal((await service.status()).inbox.dead, 2)
})

test('with --store, a missing inbox is not created', async (t) => {
  const { run, folder } = await inFolder(t, {}, 'dead-letters')
  const { code, stdout } = await run(['list', '--store', 'sqlite:none.db', '--json'])
  assert.deepEqual([code, errorIn(stdout).code], [1, 'store_unavailable'])
  assert.equal(existsSync(join(folder, 'none.db')), false)
})

test('--store with --url is wrong usage', async (t) => {
  const { run } = await inFolder(t, {}, 'dead-letters')
  const { code, stderr } = await run(['list', '--store', 'sqlite:none.db', '--url', 'http://localhost:8080'])
  assert.equal(code, 2)
  assert.match(stderr, /leave out --url and --token-file/)
})
