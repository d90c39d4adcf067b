import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Line } from '../../src/notifications/subscription.ts'
import { createKeeper, mostUrgent } from '../../src/notifications/supervisor.ts'
import { captureLog } from '../helpers/log.ts'
import { until } from '../helpers/wait.ts'

const line = (down: boolean, dueAt: number): Line => ({
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

test('without lines there is nothing to do', () => {
  assert.equal(mostUrgent([], 0), undefined)
})

test('of what is due, what is down goes first, then what waits longest', () => {
  const [renewal, down, longer, later] = [line(false, 1), line(true, 5), line(true, 2), line(true, 99)]
  assert.equal(mostUrgent([renewal, down, longer, later], 10)?.line, longer)
  assert.equal(mostUrgent([renewal, later], 10)?.line, renewal)
})

test('where nothing is due, the next one tells how long there is to wait', () => {
  const [renewal, down] = [line(false, 50), line(true, 80)]
  assert.deepEqual(mostUrgent([down, renewal], 10)?.dueAt, 50)
})

/** Lines that are all connected, with so many sockets beside them; the first is due once. */
function renewing(count: number, retiring: number) {
  const happened: string[] = []
  let due = true
  const lines = Array.from({ length: count }, (_, index): Line => {
    const usual = line(false, index === 0 && due ? 0 : Number.POSITIVE_INFINITY)
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
  const keeper = createKeeper({ lines, log: captureLog().logger, monotonic: () => 1 })
  return { keeper, happened }
}

for (const [lines, retiring, expected] of [
  [18, 1, ['open']],
  [19, 0, ['open']],
  [19, 1, ['close retired', 'open']],
  [10, 10, ['close retired', 'open']],
] as const) {
  test(`${lines} lines with ${retiring} old sockets: ${expected.join(', then ')}`, async () => {
    const { keeper, happened } = renewing(lines, retiring)
    keeper.start()
    await until('the channel is renewed', () => happened.includes('open'))
    await keeper.stop()
    assert.deepEqual(happened, expected)
  })
}
