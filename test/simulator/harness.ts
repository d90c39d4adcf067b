import assert from 'node:assert/strict'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts'

/** The part of `TestContext` that the harness uses. */
interface TestScope {
  after(release: () => Promise<void>): void
}

/** A clock that only `advance` moves. */
export interface ManualClock {
  now(): number
  advance(ms: number): void
}

export function manualClock(startMs = Date.parse('2026-01-01T00:00:00Z')): ManualClock {
  let nowMs = startMs
  return {
    now: () => nowMs,
    advance(ms) {
      nowMs += ms
    },
  }
}

/** Starts a simulator and closes it when the test ends. */
export async function start(t: TestScope, options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator(options)
  t.after(() => simulator.close())
  return simulator
}

/** A simulator with one conversation `c1` of customer `p1` and agent `p2`, and a token for it. */
export async function startWithConversation(t: TestScope, options: SimulatorOptions = {}) {
  const simulator = await start(t, options)
  simulator.createConversation({
    id: 'c1',
    participants: [
      { id: 'p1', purpose: 'customer', externalId: 'customer_12345', attributes: { kept: 'yes' } },
      { id: 'p2', purpose: 'agent', userId: 'u1' },
    ],
  })
  return { simulator, token: await obtainToken(simulator) }
}

export function requestToken(
  simulator: Simulator,
  form: Record<string, string>,
  headers: Record<string, string> = {},
) {
  return fetch(`${simulator.url}/oauth/token`, { method: 'POST', headers, body: new URLSearchParams(form) })
}

export function basic(id: string, secret: string): { Authorization: string } {
  return { Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` }
}

export async function obtainToken(simulator: Simulator): Promise<string> {
  const response = await requestToken(simulator, { grant_type: 'client_credentials' }, basic('demo', 'demo'))
  const token = field(await response.json(), 'access_token')
  assert.equal(typeof token, 'string')
  return String(token)
}

/** Calls the simulated API with a bearer token. */
export function call(simulator: Simulator, token: string, path: string, init: RequestInit = {}) {
  const headers = { Authorization: `Bearer ${token}`, ...init.headers }
  return fetch(`${simulator.url}${path}`, { ...init, headers })
}

export const attributesPath = '/api/v2/conversations/c1/participants/p1/attributes'

/** PATCHes with a JSON body; a string is sent unchanged. */
export function patch(
  simulator: Simulator,
  token: string,
  body: unknown,
  path = attributesPath,
  init: RequestInit = {},
) {
  return call(simulator, token, path, {
    ...init,
    method: 'PATCH',
    headers: { 'Content-Type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

/** Calls a control route with a JSON body. */
export function control(simulator: Simulator, method: string, path: string, body?: unknown) {
  const init =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }
  return fetch(`${simulator.url}/simulator${path}`, { method, ...init })
}

/** A field of a JSON object. */
export function field(json: unknown, name: string): unknown {
  assert.ok(typeof json === 'object' && json !== null, `not an object: ${JSON.stringify(json)}`)
  return Object.entries(json).find(([key]) => key === name)?.[1]
}

/** Status and code of an error response. Asserts that the body is a complete ErrorBody. */
export async function errorOf(response: Response): Promise<[status: number, code: unknown]> {
  const body: unknown = await response.json()
  assert.deepEqual(Object.keys(Object(body)), ['message', 'code', 'status', 'contextId', 'details', 'errors'])
  assert.equal(field(body, 'status'), response.status)
  assert.equal(field(body, 'contextId'), response.headers.get('inin-correlation-id'))
  assert.match(String(field(body, 'contextId')), /^[0-9a-f-]{36}$/)
  return [response.status, field(body, 'code')]
}

/** Polls a condition: first on each turn of the event loop, then every millisecond. Fails after 60 s. */
export async function until(reached: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 60_000
  for (let turns = 0; !reached(); turns += 1) {
    assert.ok(performance.now() < deadlineMs, `not reached within 60 s: ${reached}`)
    await (turns < 20 ? nextTurn() : sleep(1))
  }
}
