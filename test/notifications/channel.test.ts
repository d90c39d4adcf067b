import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { planRenewal } from '../../src/notifications/channel.ts'
import { genesysTiming } from '../../src/notifications/timing.ts'

const hour = 3_600_000
const now = 1_770_000_000_000
const plan = (expiresAt: number | undefined, chance = 0) =>
  planRenewal({ expiresAt, now, timing: genesysTiming, chance })

test('a channel of 24 hours is renewed hours before its end, and both are heard for a while', () => {
  assert.deepEqual(plan(now + 24 * hour), { renewInMs: 16.8 * hour, overlapMs: 10_000 })
  assert.ok(plan(now + 24 * hour, 0.999).renewInMs < 19.3 * hour)
})

test('a channel that does not tell its end, or one that has passed by our clock, is taken to live a day', () => {
  assert.deepEqual(plan(undefined), plan(now + 24 * hour))
  assert.deepEqual(plan(now - hour), plan(undefined))
  assert.deepEqual(plan(now + 1_000 * hour), plan(undefined))
})

test('whatever the life, the renewal comes before its end, and the old socket goes before it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2_000, max: 24 * hour }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (life, chance) => {
        const { renewInMs, overlapMs } = plan(now + life, chance)
        assert.ok(renewInMs >= 1_000)
        assert.ok(renewInMs + overlapMs < life)
      },
    ),
  )
})
