import assert from 'node:assert/strict'
import type { Readable } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { createHistory } from '../../../src/admin/live/history.ts'
import { createLiveFeed } from '../../../src/admin/live/live-feed.ts'
import { createTotals } from '../../../src/metrics/totals.ts'
import { emptyStats } from '../../helpers/idle.ts'
import { captureLog } from '../../helpers/log.ts'
import { until } from '../../helpers/wait.ts'

const inbox = { stats: async () => emptyStats }

function create(t: TestContext, { status = async (): Promise<unknown> => ({ state: 'running' }) } = {}) {
  const history = createHistory({ totals: createTotals(), inbox, now: () => 0, random: () => 0 })
  const log = captureLog()
  const feed = createLiveFeed({ history, status, log: log.logger, now: () => 0, statusIntervalMs: 1 })
  t.after(() => feed.stop())
  return { feed, log }
}

function read(stream: Readable | undefined) {
  assert.ok(stream)
  const reading = { text: '', ended: false }
  stream.on('data', (chunk) => {
    reading.text += chunk
  })
  stream.on('end', () => {
    reading.ended = true
  })
  return reading
}

const countIn = (text: string, event: string): number => text.split(`event: ${event}\n`).length - 1

test('a listener gets the history, then the state again and again, and the end', async (t) => {
  const { feed } = create(t)
  const reading = read(feed.open())
  await until('three states', () => countIn(reading.text, 'status') >= 3)
  assert.match(
    reading.text,
    /^event: start\ndata: {"startedAt":"1970-01-01T00:00:00.000Z","intervalMs":10000,"samples":\[\]}\n\nevent: status\ndata: {"state":"running"}\n\n/,
  )
  await feed.stop()
  await until('the stream has ended', () => reading.ended)
  assert.match(reading.text, /event: stopping\ndata: {}\n\n$/)
  assert.equal(feed.open(), undefined)
})

test('several listeners share one chain of states', async (t) => {
  let reads = 0
  const { feed } = create(t, { status: async () => ++reads })
  const readings = Array.from({ length: 5 }, () => read(feed.open()))
  await until('each has many states', () => readings.every(({ text }) => countIn(text, 'status') >= 20))
  // Each listener causes one read when it opens; after that, one read serves all.
  const [last] = readings.map(({ text }) => countIn(text, 'status')).slice(-1)
  assert.ok(reads <= (last ?? 0) + readings.length + 5, `${reads} reads for ${last} states`)
})

test('a listener that is gone is no longer counted, and one too many is refused', async (t) => {
  const { feed } = create(t)
  const open = Array.from({ length: 20 }, () => feed.open())
  assert.equal(feed.open(), undefined)
  open[0]?.destroy()
  await until('its place is free', () => feed.open() !== undefined)
})

test('a listener that does not read is disconnected', async (t) => {
  const { feed } = create(t, { status: async () => 'x'.repeat(300_000) })
  const stream = feed.open()
  await until('it is disconnected', () => stream?.destroyed === true)
})

test('after a state that could not be read, the next one is sent', async (t) => {
  let reads = 0
  const status = async () => {
    reads += 1
    if (reads === 1) throw new Error('unexpected')
    return reads
  }
  const { feed, log } = create(t, { status })
  const reading = read(feed.open())
  await until('a later state', () => countIn(reading.text, 'status') >= 1)
  assert.equal(log.entries().filter(({ msg }) => msg === 'state not sent to the dashboard').length, 1)
})
