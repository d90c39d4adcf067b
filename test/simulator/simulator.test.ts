import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { originOf } from '../../src/simulator/origin.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { obtainToken, patch, start } from './harness.ts'

test('the simulator listens on a free port of the loopback address', async (t) => {
  const simulator = await start(t)
  assert.match(simulator.url, /^http:\/\/127\.0\.0\.1:\d+$/)
  const response = await fetch(`${simulator.url}/livez`)
  assert.deepEqual([response.status, await response.json()], [200, { status: 'ok' }])
})

test('close is idempotent and ends open connections and calls in flight', async () => {
  const simulator = await startSimulator({ strict: false, latencyMs: 600_000 })
  const token = await obtainToken(simulator)
  const answer = patch(simulator, token, { attributes: { a: '1' } })
  const idle = connect(Number(new URL(simulator.url).port), '127.0.0.1')
  await once(idle, 'connect')
  const [first, second] = [simulator.close(), simulator.close()]
  await Promise.all([first, second, once(idle, 'close'), assert.rejects(answer)])
  await assert.rejects(fetch(`${simulator.url}/livez`))
})

test('the error lists all options out of range', async () => {
  const options = { port: -1, rateLimit: 0, windowPhaseMs: 60_000 }
  await assert.rejects(startSimulator(options), (error: unknown) => {
    assert.ok(error instanceof RangeError)
    assert.match(error.message, /port: .*rateLimit: /)
    return true
  })
  await assert.rejects(
    startSimulator({ windowPhaseMs: 60_000 }),
    /windowPhaseMs: must be less than rateWindowMs/,
  )
})

test('the URL has an address that clients can connect to', () => {
  assert.equal(originOf({ address: '0.0.0.0', family: 'IPv4', port: 1 }), 'http://127.0.0.1:1')
  assert.equal(originOf({ address: '10.0.0.1', family: 'IPv4', port: 1 }), 'http://10.0.0.1:1')
  assert.equal(originOf({ address: '::', family: 'IPv6', port: 1 }), 'http://[::1]:1')
})
