import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import Database from 'better-sqlite3'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { startInProcess } from '../helpers/in-process.ts'
import { skipWithoutPostgres, startPostgres } from '../helpers/postgres.ts'
import { customerEvent, environmentFor } from '../helpers/process.ts'
import { until } from '../helpers/wait.ts'
import { inFolder } from './harness.ts'
import { errorIn } from './operator-harness.ts'

/** A stopped service whose inbox has one dead letter. */
async function setUp(t: TestContext) {
  const simulator = await startSimulator({ windowPhaseMs: 0 })
  t.after(() => simulator.close())
  simulator.createConversation({
    id: 'conversation-1',
    participants: [{ id: 'participant-1', purpose: 'customer' }],
  })
  const commands = await inFolder(t, {}, 'store')
  const environment = await environmentFor(commands.folder, simulator)
  const service = await startInProcess(t, environment)
  simulator.addFault({ match: { method: 'PATCH' }, status: 403, times: 1 })
  await service.post([customerEvent(1)])
  await until('it is a dead letter', async () => (await service.status()).inbox.dead === 1)
  await service.stop()
  return { ...commands, environment, from: environment.STORE_URL ?? '' }
}

/** The service finds the events again: a repeated one is a duplicate, and the dead letter can be replayed. */
async function usesCopy(t: TestContext, environment: Record<string, string>, to: string): Promise<void> {
  const service = await startInProcess(t, { ...environment, STORE_URL: to })
  const answer = await service.post([customerEvent(1)])
  assert.equal(answer.body.duplicates, 1)
  assert.equal((await service.status()).inbox.dead, 1)
  await service.stop()
}

test('a service continues with the copy of its inbox', async (t) => {
  const { inProcess, environment, from, folder } = await setUp(t)
  const to = `sqlite:${join(folder, 'copy.db')}`
  const { code, stdout, stderr } = await inProcess(['migrate', from, to])
  assert.deepEqual([code, stderr], [0, ''])
  assert.equal(
    stdout,
    [
      `Copied ${from}`,
      `    to ${to}`,
      '  1 event, 0 participants with pending events, 0 known values.',
      '  Counts and checksums of both sides are equal.',
      'Next: set STORE_URL to the URL of the copy, and start the service.',
      '',
    ].join('\n'),
  )
  await usesCopy(t, environment, to)
})

test('a service continues with the copy in PostgreSQL, without a client named', {
  skip: skipWithoutPostgres,
}, async (t) => {
  const { run, environment, from } = await setUp(t)
  const to = await (await startPostgres(t)).createStore()
  const { code, stdout } = await run(['migrate', from, to, '--json'])
  assert.equal(code, 0)
  const document = JSON.parse(stdout)
  assert.deepEqual(
    [document.client, document.copied.events, document.resumedAt],
    [environment.GENESYS_CLIENT_ID, 1, 0],
  )
  assert.doesNotMatch(stdout, /role-secret/)
  await usesCopy(t, environment, to)
})

test('a service refuses to start with an unfinished copy, and names the remedy', async (t) => {
  const { environment, from, folder } = await setUp(t)
  const database = new Database(from.replace('sqlite:', ''))
  database.exec("INSERT INTO transfer VALUES (1, '{}')")
  database.close()
  const { inProcess } = await inFolder(t, {}, 'serve')
  const { code, stderr } = await inProcess([], { env: environment })
  assert.equal(code, 1)
  assert.match(stderr, /is an unfinished copy of another inbox: run "genesys-enricher store migrate" again/)
  assert.ok(existsSync(folder))
})

test('wrong usage ends with exit code 2 and copies nothing', async (t) => {
  const { run, folder } = await inFolder(t, {}, 'store')
  const missing = await run(['migrate', 'sqlite:from.db'])
  assert.deepEqual([missing.code, missing.stdout], [2, ''])
  const urls = await run(['migrate', 'from.db', 'redis://localhost'])
  assert.equal(urls.code, 2)
  assert.match(urls.stderr, /FROM must be sqlite:PATH or postgres:.*\n.*TO must be sqlite:PATH/)
  const same = await run(['migrate', 'sqlite:from.db', 'sqlite:from.db', '--json'])
  assert.deepEqual([same.code, errorIn(same.stdout).code], [2, 'invalid_usage'])
  assert.equal(existsSync(join(folder, 'from.db')), false)
})

test('a missing inbox is a failure, and nothing is created', async (t) => {
  const { run, folder } = await inFolder(t, {}, 'store')
  const { code, stdout } = await run(['migrate', 'sqlite:from.db', 'sqlite:to.db', '--json'])
  assert.deepEqual([code, errorIn(stdout).code], [1, 'store_unavailable'])
  assert.deepEqual([existsSync(join(folder, 'from.db')), existsSync(join(folder, 'to.db'))], [false, false])
})
