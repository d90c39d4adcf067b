import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Disk, fillableDisk, limitedDisk, noDisks, readOnlyDisk } from '../helpers/disk.ts'
import {
  type Answer,
  createConversations,
  customerEvent,
  type ServiceProcess,
  setUp,
  startService,
} from '../helpers/process.ts'
import { until } from '../helpers/wait.ts'

const events = 40

/** Large enough that a few of them are more than what is left in any block that is used already. */
const event = (index: number) => ({ ...customerEvent(index), filling: 'x'.repeat(20_000) })

const secondsOf = ({ headers }: Answer): number => Number(headers.get('retry-after'))

/** A service on the disk that has taken an event, and then the disk fails; `taken`: the events that were answered 202. */
async function failUnder(t: TestContext, disk: Disk) {
  t.diagnostic(`on ${disk.kind}`)
  const { simulator, environment } = await setUp(t)
  createConversations(simulator, events)
  const settings = { ...environment, STORE_URL: `sqlite:${join(disk.folder, 'inbox.db')}` }
  const service = await startService(t, settings)
  const { pid } = service.child
  assert.ok(pid !== undefined)
  const taken = new Set<number>()
  const post = async (index: number): Promise<Answer> => {
    const answer = await service.post(event(index))
    if (answer.status === 202) taken.add(index)
    return answer
  }
  await post(0)
  assert.equal(taken.size, 1)

  await disk.fail(pid)
  // What still fits into the blocks of the file may be taken; never what does not.
  const refused: Answer[] = []
  for (let index = 1; index < events; index += 1) {
    const answer = await post(index)
    if (answer.status !== 202) refused.push(answer)
  }
  assert.ok(refused.length > events / 2, String(refused.length))
  const codes = new Set(refused.map(({ status, body }) => `${status} ${body.code}`))
  assert.deepEqual([...codes], ['503 store_unavailable'])
  assert.ok(refused.every((answer) => secondsOf(answer) >= 5 && secondsOf(answer) <= 15))
  assert.ok(new Set(refused.map(secondsOf)).size > 1, 'spread, so that not all come back at once')
  assert.equal((await fetch(`${service.url}/readyz`)).status, 503)
  assert.equal((await fetch(`${service.url}/livez`)).status, 200, 'a restart would not help')
  assert.equal((await service.health()).checks.store?.ok, false)
  return { service, settings, pid, taken }
}

/** All events are sent again: exactly those that were answered 202 are known, and all are applied in the end. */
async function sendAll(service: ServiceProcess, taken: ReadonlySet<number>): Promise<void> {
  for (let index = 0; index < events; index += 1) {
    const { status, body } = await service.post(event(index))
    assert.deepEqual([status, body.duplicates], [202, taken.has(index) ? 1 : 0])
  }
  await until('nothing waits', async () => (await service.status()).inbox.pending === 0, 30_000)
  assert.equal((await service.status()).inbox.dead, 0)
}

async function recover(t: TestContext, disk: Disk): Promise<void> {
  const { service, pid, taken } = await failUnder(t, disk)
  await disk.mend(pid)
  await until('it is ready again', async () => (await fetch(`${service.url}/readyz`)).status === 200)
  await sendAll(service, taken)
  assert.equal((await service.status()).totals.applied, events)
  assert.equal(await service.end('SIGTERM'), 0)
}

test(
  'a full disk: 503 with Retry-After, nothing is lost that was accepted, and events are taken again once there is space, without a restart',
  {
    skip: noDisks,
  },
  async (t) => recover(t, await fillableDisk(t)),
)

test('a disk that takes no write: the same', { skip: noDisks }, async (t) => recover(t, await limitedDisk(t)))

test('a disk that becomes read-only: 503 with Retry-After, and a start on the mended disk finds exactly what was accepted', {
  skip: noDisks,
}, async (t) => {
  const disk = await readOnlyDisk(t)
  const { service, settings, pid, taken } = await failUnder(t, disk)
  await service.end('SIGKILL')
  await disk.mend(pid)
  await sendAll(await startService(t, settings), taken)
})
