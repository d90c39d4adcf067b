import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { removeFolder } from '../helpers/folder.ts'
import { type InProcessService, startInProcess } from '../helpers/in-process.ts'
import {
  attributesAt,
  createConversations,
  customerEvent,
  type RunningService,
  setUp,
  startService,
} from '../helpers/process.ts'
import { until } from '../helpers/wait.ts'

const conversations = 2_000

/** A service under load: every few milliseconds a new event, until `stopLoad`. */
async function underLoad<Service extends RunningService>(
  t: TestContext,
  start: (t: TestContext, environment: Record<string, string>) => Promise<Service>,
) {
  const { simulator, environment, folder } = await setUp(t, { rateLimit: 100_000 })
  createConversations(simulator, conversations)
  const service = await start(t, environment)
  const accepted: number[] = []
  let refused = 0
  let next = 0
  let isLoaded = true
  async function send(): Promise<void> {
    while (isLoaded && next < conversations) {
      const index = next
      next += 1
      await sleep(50) // senders at full speed would use all CPU until the outage is over
      const { status, body, headers } = await service.post(customerEvent(index))
      if (status === 202) accepted.push(index)
      else {
        assert.deepEqual([status, body.code], [503, 'store_unavailable'])
        assert.ok(Number(headers.get('retry-after')) >= 5)
        refused += 1
      }
    }
  }
  const senders = [send(), send()]
  t.after(() => {
    isLoaded = false
  })
  await until('events are accepted', () => accepted.length >= 20)
  const stopLoad = async () => {
    isLoaded = false
    await Promise.all(senders)
  }
  const data = join(folder, 'data')
  const file = join(data, 'inbox.db')
  return { simulator, environment, service, accepted, refused: () => refused, stopLoad, data, file }
}
type Loaded<Service = RunningService> = Omit<Awaited<ReturnType<typeof underLoad>>, 'service'> & {
  readonly service: Service
}

const isReady = async ({ url }: RunningService) => (await fetch(`${url}/readyz`)).status === 200

async function noticesLoss({ service, file }: Loaded): Promise<void> {
  const line = /"level":"error".*"code":"store_unavailable".*inbox file lost, answering 503/
  await until('the loss is logged', () => line.test(service.output()))
  assert.ok(service.output().includes(`"file":"${file}"`))
}

const refuses = ({ refused }: Loaded) => until('an event is refused', () => refused() > 0)

const goesOn = ({ service }: Loaded) =>
  until(
    'the service accepts events again',
    async () => service.output().includes('inbox file in place again') && (await isReady(service)),
  )

/** Stops the service and starts it again: every event answered with 202 is known and applied. */
async function nothingIsLost(t: TestContext, loaded: Loaded<InProcessService>): Promise<void> {
  await loaded.stopLoad()
  await loaded.service.stop()
  await hasEveryEvent(await startInProcess(t, loaded.environment), loaded)
}

async function hasEveryEvent(second: RunningService, { simulator, accepted }: Loaded): Promise<void> {
  await until('no event is pending', async () => (await second.status()).inbox.pending === 0)
  for (const index of accepted) assert.equal(attributesAt(simulator, index)?.seen, String(index))
  const answers = []
  for (let from = 0; from < accepted.length; from += 50) {
    const { body } = await second.post(accepted.slice(from, from + 50).map((index) => customerEvent(index)))
    answers.push(body.accepted)
  }
  assert.deepEqual(new Set(answers), new Set([0]), 'every accepted event is still in the inbox')
}

test('rm of the inbox files under load: the service logs it and goes on, and no event is lost', async (t) => {
  const loaded = await underLoad(t, startInProcess)
  const { file, accepted } = loaded
  for (const suffix of ['', '-wal', '-shm', '.lock']) await rm(`${file}${suffix}`)
  await noticesLoss(loaded)
  await goesOn(loaded)
  const before = accepted.length
  await until('events are accepted again', () => accepted.length > before + 20)
  await nothingIsLost(t, loaded)
})

test('kill -9 after the service has saved a removed inbox file loses no event', async (t) => {
  const loaded = await underLoad(t, startService)
  await rm(loaded.file)
  await goesOn(loaded)
  await loaded.stopLoad()
  await loaded.service.end('SIGKILL')
  await hasEveryEvent(await startInProcess(t, loaded.environment), loaded)
})

test('mv of the inbox file: the service goes on with a new file at the path', async (t) => {
  const loaded = await underLoad(t, startInProcess)
  await rename(loaded.file, `${loaded.file}.old`)
  await goesOn(loaded)
  await nothingIsLost(t, loaded)
  assert.ok(existsSync(`${loaded.file}.old`))
})

test('another file at the path: the service leaves it, saves the inbox beside it, and says so in /health and the log', async (t) => {
  const loaded = await underLoad(t, startInProcess)
  const { service, file, data, environment } = loaded
  await writeFile(`${file}.new`, 'another file')
  await rename(`${file}.new`, file)
  await noticesLoss(loaded)
  await refuses(loaded)
  const rescued = await until('the inbox is saved beside its path', async () =>
    service.output().includes('inbox saved beside its path')
      ? (await readdir(data)).find((name) => name.startsWith('inbox.db.rescued-'))
      : undefined,
  )
  await loaded.stopLoad()
  const { status, checks } = await service.health()
  assert.equal(status, 'unavailable')
  assert.equal(checks.store?.code, 'store_unavailable')
  assert.equal(checks.store?.cause, `${file} was replaced by another file while the service runs`)
  const ready = await fetch(`${service.url}/readyz`)
  assert.equal(ready.status, 503)
  assert.match(await ready.text(), /replaced by another file.*Move .* away/)
  assert.equal((await fetch(`${service.url}/livez`)).status, 200)
  await service.stop()
  assert.equal(await readFile(file, 'utf8'), 'another file')

  await rename(join(data, rescued), file) // what docs/operations/failures.md tells operators to do
  await hasEveryEvent(await startInProcess(t, environment), loaded)
})

test('a start beside a saved copy warns, and a start with the copy delivers its events', async (t) => {
  const { simulator, environment, folder } = await setUp(t)
  createConversations(simulator, 1)
  simulator.addFault({ match: { method: 'PATCH' }, status: 503, times: 1_000 })
  const first = await startInProcess(t, environment)
  assert.equal((await first.post(customerEvent(0))).status, 202)
  await first.stop()
  const file = join(folder, 'data', 'inbox.db')
  const copy = `${file}.rescued-2026-01-05T09-30-00.000Z`
  await rename(file, copy)

  const beside = await startInProcess(t, environment)
  const line = beside
    .output()
    .split('\n')
    .find((each) => each.includes('saved copy of the inbox is not in use'))
  const { level, code, file: named, remedy } = JSON.parse(line ?? '{}')
  assert.deepEqual([level, code, named], ['warn', 'inbox_copy_left', copy])
  assert.match(remedy, /start it with sqlite: and the path of the copy as STORE_URL/)
  assert.equal((await beside.status()).inbox.pending, 0)
  await beside.stop()

  simulator.clearFaults()
  const withCopy = await startInProcess(t, { ...environment, STORE_URL: `sqlite:${copy}` })
  await until('the event is delivered', async () => (await withCopy.status()).totals.applied === 1)
  assert.ok(!withCopy.output().includes('saved copy of the inbox is not in use'))
})

test('rm of the whole folder: the service refuses events until the folder is back', async (t) => {
  const loaded = await underLoad(t, startInProcess)
  await removeFolder(loaded.data)
  await noticesLoss(loaded)
  await refuses(loaded)
  assert.equal(await isReady(loaded.service), false)
  await mkdir(loaded.data)
  await goesOn(loaded)
  await nothingIsLost(t, loaded)
})

test('a stop while the folder is gone: the service creates it and saves the inbox before it ends', async (t) => {
  const loaded = await underLoad(t, startInProcess)
  await removeFolder(loaded.data)
  await noticesLoss(loaded)
  await refuses(loaded)
  await nothingIsLost(t, loaded)
})
