import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { createArrivals } from '../../src/ingest/arrivals.ts'
import { until } from '../helpers/wait.ts'

/** A server whose connections are watched, and a clock that stands still. */
async function setUp(t: TestContext) {
  let ms = 1_000
  const arrivals = createArrivals(() => ms)
  const accepted: Socket[] = []
  const server = createServer((socket) => accepted.push(socket))
  t.after(() => {
    for (const socket of accepted) socket.destroy()
    server.close()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  arrivals.watch(server)
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const { port } = address
  /** Returns both ends. */
  async function open(): Promise<{ here: Socket; there: Socket }> {
    const index = accepted.length
    const here = connect(port, '127.0.0.1')
    await once(here, 'connect')
    const there = await until('the server has the connection', () => accepted[index])
    return { here, there }
  }
  const advance = (by: number) => {
    ms += by
  }
  return { arrivals, open, advance }
}

test('an event is expected from a new connection until it was given to the inbox', async (t) => {
  const { arrivals, open } = await setUp(t)
  assert.equal(arrivals.expected(), false)
  const first = await open()
  const second = await open()
  arrivals.handedOver(first.there)
  assert.equal(arrivals.expected(), true)
  arrivals.handedOver(second.there)
  assert.equal(arrivals.expected(), false)
})

test('a connection that closes without an event is not expected', async (t) => {
  const { arrivals, open } = await setUp(t)
  const { here } = await open()
  here.destroy()
  await until('the connection is closed', () => !arrivals.expected())
})

test('a connection that sends nothing for 2 ms is not expected, a later one is', async (t) => {
  const { arrivals, open, advance } = await setUp(t)
  await open()
  advance(2)
  assert.equal(arrivals.expected(), false)
  await open()
  assert.equal(arrivals.expected(), true)
})
