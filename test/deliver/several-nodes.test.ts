import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDelivery } from '../../src/deliver/deliver.ts'
import { createSuccessorHold } from '../../src/deliver/successor-hold.ts'
import type { Inbox, Nodes } from '../../src/inbox/inbox.ts'
import { openSqliteInbox } from '../../src/inbox/sqlite/sqlite.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { settingRules } from '../helpers/rules.ts'
import { until } from '../helpers/wait.ts'
import { inboxFile } from '../inbox/sqlite/harness.ts'
import { setting } from './harness.ts'

/** Nodes whose right to deliver the test gives and takes. */
function rightToDeliver() {
  let may = false
  const listeners: ((may: boolean) => void)[] = []
  const held: number[] = []
  let handedOver = 0
  const nodes: Nodes = {
    mayDeliver: () => may,
    epoch: () => (may ? 1 : undefined),
    onChange: (listener) => void listeners.push(listener),
    onPause: () => {},
    list: () => [],
    holdSuccessor: (ms) => void held.push(ms),
    handOver: async () => {
      handedOver += 1
    },
  }
  const set = (next: boolean) => {
    may = next
    for (const listener of listeners) listener(next)
  }
  return { nodes, set, held, handedOver: () => handedOver }
}

test('a node delivers only while it has the right, and aborts its calls when it loses it', async (t) => {
  const simulator = await startSimulator({ latencyMs: 100 })
  t.after(() => simulator.close())
  simulator.createConversation({ id: 'c1', participants: [{ id: 'p1', purpose: 'customer' }] })
  const opened = openSqliteInbox({ file: await inboxFile(t), maxPending: 1_000, now: Date.now })
  const right = rightToDeliver()
  const inbox: Inbox = { ...opened, nodes: right.nodes }
  const warnings: string[] = []
  const delivery = createDelivery({
    client: {
      apiUrl: simulator.url,
      loginUrl: simulator.url,
      clientId: 'demo',
      clientSecret: 'demo',
      profile: 'platform',
      requestTimeoutMs: 60_000,
    },
    limits: { rateLimit: 300, rateWindowMs: 60_000, rateShare: 1, maxInFlight: 5, eventMaxAgeMs: 86_400_000 },
    inbox,
    rules: () => settingRules,
    report: () => {},
    log: {
      warn: (_, message) => void warnings.push(message),
      error: (_, message) => void warnings.push(message),
    },
    now: Date.now,
    monotonic: Date.now,
    random: () => 0,
  })
  t.after(async () => {
    await delivery.stop(0)
    delivery.close()
    await opened.close()
  })
  await inbox.append([setting('e1', { mood: 'good' })])
  delivery.start()
  const patches = () => simulator.calls().filter(({ method }) => method === 'PATCH')
  assert.equal(delivery.state().state, 'running')

  right.set(true)
  await until('the event is applied', async () => (await inbox.event('e1'))?.history.state === 'applied')
  assert.equal(patches().length, 1)

  simulator.addFault({ match: { method: 'PATCH' }, delayMs: 600_000, times: 1 })
  await inbox.append([setting('e2', { mood: 'bad' })])
  await until('a call is under way', async () => (await inbox.stats()).inFlight === 1)
  right.set(false)
  await until('the call was cut off', async () => (await inbox.stats()).inFlight === 0)
  assert.equal((await inbox.event('e2'))?.history.state, 'pending')
  assert.equal(delivery.state().reason, undefined, 'a call that was cut off says nothing about the API')

  right.set(true)
  await until('the event is applied', async () => (await inbox.event('e2'))?.history.state === 'applied')
  await delivery.stop(1_000)
  assert.equal(right.handedOver(), 1)
})

test('a successor waits for the end of a window that is nearly spent, and of a pause', () => {
  const held: number[] = []
  const state = {
    remaining: 50,
    resetAt: 30_000 as number | undefined,
    pausedUntil: undefined as number | undefined,
    at: 10_000,
  }
  const note = createSuccessorHold({
    nodes: { holdSuccessor: (ms) => void held.push(ms) },
    budget: () => state,
    pausedUntil: () => state.pausedUntil,
    maxInFlight: 10,
    monotonic: () => state.at,
  })
  note()
  assert.deepEqual(held, [], 'calls are left')
  state.remaining = 10
  note()
  note()
  assert.deepEqual(held, [20_000], 'told once')
  Object.assign(state, { at: 31_000, remaining: 50, resetAt: 90_000 })
  note()
  assert.deepEqual(held, [20_000])
  state.pausedUntil = 45_000
  note()
  assert.deepEqual(held, [20_000, 14_000])
})
