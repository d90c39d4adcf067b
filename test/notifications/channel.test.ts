import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkSilence, genesysTiming, planRenewal, type Silence } from '../../src/notifications/channel.ts'

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

const timing = { pingAfterMs: 40, deadAfterMs: 75 }
const check = (silence: Omit<Silence, 'timing'>) => checkSilence({ ...silence, timing })

test('a connection with a recent message waits', () => {
  assert.deepEqual(check({ heardAt: 100, pingedAt: undefined, now: 100 }), { kind: 'wait', ms: 40 })
  assert.deepEqual(check({ heardAt: 100, pingedAt: 90, now: 139 }), { kind: 'wait', ms: 1 })
})

test('a silent connection gets one ping', () => {
  assert.deepEqual(check({ heardAt: 100, pingedAt: undefined, now: 140 }), { kind: 'ping' })
  assert.deepEqual(check({ heardAt: 100, pingedAt: 90, now: 150 }), { kind: 'ping' })
  assert.deepEqual(check({ heardAt: 100, pingedAt: 140, now: 150 }), { kind: 'wait', ms: 25 })
})

test('a connection that stays silent after the ping is dead', () => {
  assert.deepEqual(check({ heardAt: 100, pingedAt: 140, now: 175 }), { kind: 'dead' })
  assert.deepEqual(check({ heardAt: 100, pingedAt: undefined, now: 1_000 }), { kind: 'dead' })
})
