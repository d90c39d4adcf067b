import assert from 'node:assert/strict'
import { after, describe, type TestContext, test } from 'node:test'
import { createConnections, type Query } from '../../../src/inbox/postgres/connections.ts'
import { parseLocation } from '../../../src/inbox/postgres/location.ts'
import { createSignals, type SignalKind } from '../../../src/inbox/postgres/signals.ts'
import { skipWithoutPostgres, startPostgres } from '../../helpers/postgres.ts'
import { until } from '../../helpers/wait.ts'
import { locationOf } from './harness.ts'

describe('signals between nodes', { skip: skipWithoutPostgres }, async () => {
  if (skipWithoutPostgres !== false) return
  const server = await startPostgres({ after })
  const url = await server.createStore()
  const connect = () =>
    createConnections({
      location: parseLocation(locationOf(url)),
      max: 1,
      timeoutMs: 10_000,
      monotonic: () => performance.now(),
    })

  /** `wrap`: changes the statements of this node. */
  function node(t: TestContext, wrap: (query: Query) => Query = (query) => query) {
    const connections = connect()
    const received: (SignalKind | 'gap')[] = []
    const signals = createSignals({
      query: wrap(connections.query),
      listening: connect(),
      client: 'demo',
      onSignal: (kind) => void received.push(kind),
      onGap: () => void received.push('gap'),
    })
    t.after(async () => {
      await signals.close()
      await connections.close()
    })
    return { signals, received, listens: () => until('it listens', () => !signals.areMissing()) }
  }

  test('a signal reaches the other nodes, not its own', async (t) => {
    const [one, other] = [node(t), node(t)]
    assert.equal(one.signals.areMissing(), true, 'not before a test signal has arrived')
    await Promise.all([one.listens(), other.listens()])
    assert.deepEqual(one.received, ['gap'], 'some may have been sent before it listened')
    one.received.length = 0
    other.received.length = 0
    one.signals.send('work')
    await until('it arrives', () => other.received.includes('work'))
    other.signals.send('pause')
    await until('it arrives', () => one.received.length > 0)
    assert.deepEqual(one.received, ['pause'])
  })

  test('a signal that could not be sent is sent again', async (t) => {
    let failures = 0
    const failing =
      (query: Query): Query =>
      (sql, parameters) => {
        if (failures > 0 || !JSON.stringify(parameters).includes('work')) return query(sql, parameters)
        failures += 1
        return Promise.reject(new Error('connection lost'))
      }
    const [one, other] = [node(t, failing), node(t)]
    await Promise.all([one.listens(), other.listens()])
    other.received.length = 0
    one.signals.send('work')
    await until('it arrives', () => other.received.includes('work'))
    assert.equal(failures, 1)
  })

  test('a node whose connection was lost listens again and catches up', async (t) => {
    const one = node(t)
    await one.listens()
    one.received.length = 0
    await server.admin("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
    await until('it catches up', () => one.received.includes('gap'))
    assert.equal(one.signals.areMissing(), false)
  })
})
