import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Disk, fillableDisk, limitedDisk, readOnlyDisk, skipWithoutDisks } from '../helpers/disk.ts'
import { startInProcess } from '../helpers/in-process.ts'
import {
  type Answer,
  createConversations,
  customerEvent,
  type RunningService,
  setUp,
  startService,
} from '../helpers/process.ts'
import { until } from '../helpers/wait.ts'

const events = 24

/** Large enough that a few events exceed the free space in blocks already in use. */
const event = (index: number) => ({ ...customerEvent(index), filling: 'x'.repeat(20_000) })

const secondsOf = ({ headers }: Answer): number => Number(headers.get('retry-after'))

interface Started {
  readonly service: RunningService
  /** Of the process that writes to the disk. */
  readonly pid: number
  stop(): Promise<void>
}

/** Starts a service as a process. */
async function startProcess(t: TestContext, settings: Record<string, string>) {
  const service = await startService(t, settings)
  const { pid } = service.child
  assert.ok(pid !== undefined)
  return { service, pid, stop: async () => assert.equal(await service.end('SIGTERM'), 0) }
}

/** Starts a service in the process of the test. */
async function startHere(t: TestContext, settings: Record<string, string>) {
  const service = await startInProcess(t, settings)
  return { service, pid: process.pid, stop: service.stop }
}

/** Starts a service on the disk, posts an event, and makes the disk fail. `accepted`: the events answered with 202. */
async function failUnder<Service extends Started>(
  t: TestContext,
  disk: Disk,
  start: (t: TestContext, settings: Record<string, string>) => Promise<Service>,
) {
  t.diagnostic(`on ${disk.kind}`)
  const { simulator, environment } = await setUp(t)
  createConversations(simulator, events)
  const settings = { ...environment, STORE_URL: `sqlite:${join(disk.folder, 'inbox.db')}` }
  const started = await start(t, settings)
  const { service, pid } = started
  const accepted = new Set<number>()
  const post = async (index: number): Promise<Answer> => {
    const answer = await service.post(event(index))
    if (answer.status === 202) accepted.add(index)
    return answer
  }
  await post(0)
  assert.equal(accepted.size, 1)

  await disk.fail(pid)
  // Events that fit into free space of existing blocks may still be accepted.
  const refused: Answer[] = []
  for (let index = 1; index < events; index += 1) {
    const answer = await post(index)
    if (answer.status !== 202) refused.push(answer)
  }
  assert.ok(refused.length > events / 2, String(refused.length))
  const codes = new Set(refused.map(({ status, body }) => `${status} ${body.code}`))
  assert.deepEqual([...codes], ['503 store_unavailable'])
  assert.ok(refused.every((answer) => secondsOf(answer) >= 5 && secondsOf(answer) <= 15))
  assert.ok(new Set(refused.map(secondsOf)).size > 1, 'Retry-After is spread over the senders')
  assert.equal((await fetch(`${service.url}/readyz`)).status, 503)
  assert.equal((await fetch(`${service.url}/livez`)).status, 200, 'a restart would not help')
  assert.equal((await service.health()).checks.store?.ok, false)
  return { started, settings, accepted }
}

/** Resends all events: exactly those answered with 202 are duplicates, and all are applied. */
async function resendAll(service: RunningService, accepted: ReadonlySet<number>): Promise<void> {
  for (let index = 0; index < events; index += 1) {
    const { status, body } = await service.post(event(index))
    assert.deepEqual([status, body.duplicates], [202, accepted.has(index) ? 1 : 0])
  }
  await until('no event is pending', async () => (await service.status()).inbox.pending === 0, 30_000)
  assert.equal((await service.status()).inbox.dead, 0)
}

async function testRecovery(t: TestContext, disk: Disk): Promise<void> {
  const { started, accepted } = await failUnder<Started>(
    t,
    disk,
    disk.isLimitOfProcess ? startProcess : startHere,
  )
  const { service, pid, stop } = started
  await disk.repair(pid)
  await until('the service is ready again', async () => (await fetch(`${service.url}/readyz`)).status === 200)
  await resendAll(service, accepted)
  assert.equal((await service.status()).totals.applied, events)
  await stop()
}

test(
  'a full disk: 503 with Retry-After, no accepted event is lost, and ingest recovers without a restart',
  {
    skip: skipWithoutDisks,
  },
  async (t) => testRecovery(t, await fillableDisk(t)),
)

test(
  'a disk that rejects writes: 503 with Retry-After, no accepted event is lost, and ingest recovers without a restart',
  { skip: skipWithoutDisks },
  async (t) => testRecovery(t, await limitedDisk(t)),
)

test('a disk that becomes read-only: 503 with Retry-After, and a start on the repaired disk has exactly the accepted events', {
  skip: skipWithoutDisks,
}, async (t) => {
  const disk = await readOnlyDisk(t)
  const { started, settings, accepted } = await failUnder(t, disk, startProcess)
  await started.service.end('SIGKILL')
  await disk.repair(started.pid)
  await resendAll(await startInProcess(t, settings), accepted)
})
