import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { planRenewal } from '../../src/notifications/channel.ts'
import { genesysTiming } from '../../src/notifications/timing.ts'

const hour = 3_600_000
const now = 1_770_000_000_000
const plan = (expiresAt: number | undefined, chance = 0) =>
  planRenewal({ expiresAt, now, timing: genesysTiming, chance })

test('a channel of 24 hours is renewed hours before its end, and both sockets overlap for a while', () => {
  assert.deepEqual(plan(now + 24 * hour), { renewInMs: 16.8 * hour, overlapMs: 10_000 })
  assert.ok(plan(now + 24 * hour, 0.999).renewInMs < 19.3 * hour)
})

test('a channel without an expiry, or with one in the past, is assumed to live a day', () => {
  assert.deepEqual(plan(undefined), plan(now + 24 * hour))
  assert.deepEqual(plan(now - hour), plan(undefined))
  assert.deepEqual(plan(now + 1_000 * hour), plan(undefined))
})

test('for any lifetime, the renewal and the close of the old socket are before the expiry', () => {
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
