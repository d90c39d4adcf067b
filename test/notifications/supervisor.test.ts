import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Subscription } from '../../src/notifications/subscription.ts'
import { createSupervisor, mostUrgent } from '../../src/notifications/supervisor.ts'
import { captureLog } from '../helpers/log.ts'
import { until } from '../helpers/wait.ts'

const subscription = (down: boolean, dueAt: number): Subscription => ({
  need: () => ({ down, dueAt }),
  open: async () => ({ kind: 'open' }),
  closeRetired: async () => {},
  cut: () => {},
  close: async () => {},
  state: () => ({
    connected: !down,
    retiring: 0,
    reconnects: 0,
    renewals: 0,
    gapMs: 0,
    refusals: [],
    failure: undefined,
  }),
})

test('without subscriptions mostUrgent returns undefined', () => {
  assert.equal(mostUrgent([], 0), undefined)
})

test('of the due subscriptions, those that are down go first, then the longest waiting one', () => {
  const [renewal, down, longer, later] = [
    subscription(false, 1),
    subscription(true, 5),
    subscription(true, 2),
    subscription(true, 99),
  ]
  assert.equal(mostUrgent([renewal, down, longer, later], 10)?.subscription, longer)
  assert.equal(mostUrgent([renewal, later], 10)?.subscription, renewal)
})

test('if none is due, mostUrgent returns the one that is due next', () => {
  const [renewal, down] = [subscription(false, 50), subscription(true, 80)]
  assert.deepEqual(mostUrgent([down, renewal], 10)?.dueAt, 50)
})

/** Connected subscriptions; the first one has `retiring` replaced sockets and is due once. */
function renewing(count: number, retiring: number) {
  const happened: string[] = []
  let due = true
  const subscriptions = Array.from({ length: count }, (_, index): Subscription => {
    const usual = subscription(false, index === 0 && due ? 0 : Number.POSITIVE_INFINITY)
    return {
      ...usual,
      need: () => ({ down: false, dueAt: index === 0 && due ? 0 : Number.POSITIVE_INFINITY }),
      open: async () => {
        happened.push('open')
        due = false
        return { kind: 'open' }
      },
      closeRetired: async () => {
        if (index === 0) happened.push('close retired')
      },
      state: () => ({ ...usual.state(), retiring: index === 0 ? retiring : 0 }),
    }
  })
  const supervisor = createSupervisor({ subscriptions, log: captureLog().logger, monotonic: () => 1 })
  return { supervisor, happened }
}

for (const [subscriptions, retiring, expected] of [
  [18, 1, ['open']],
  [19, 0, ['open']],
  [19, 1, ['close retired', 'open']],
  [10, 10, ['close retired', 'open']],
] as const) {
  test(`${subscriptions} subscriptions with ${retiring} old sockets: ${expected.join(', then ')}`, async () => {
    const { supervisor, happened } = renewing(subscriptions, retiring)
    supervisor.start()
    await until('the channel is renewed', () => happened.includes('open'))
    await supervisor.stop()
    assert.deepEqual(happened, expected)
  })
}
