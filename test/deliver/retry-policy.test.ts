import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type CallFailure, retryVerdict } from '../../src/deliver/retry-policy.ts'
import type { Failure } from '../../src/inbox/inbox.ts'
import { backoff, fullJitter, maxPauseMs } from '../../src/timing/backoff.ts'

const acceptedAt = 1_000_000
const eventMaxAgeMs = 86_400_000
const detail = 'as Genesys said'

const verdict = (
  kind: CallFailure['kind'],
  { ageMs = 0, failure, random = 0 }: { ageMs?: number; failure?: Failure; random?: number } = {},
) =>
  retryVerdict({
    answer: { kind, detail, cause: '503' },
    failure,
    acceptedAt,
    eventMaxAgeMs,
    now: acceptedAt + ageMs,
    random: () => random,
  })

const dead = (code: string) => ({ kind: 'dead', code, detail })
const again = (code: string, attempts: number, dueInMs: number, ageMs = 0) => ({
  kind: 'again',
  dueAt: acceptedAt + ageMs + dueInMs,
  failure: { code, attempts },
})
const almost1 = 1 - Number.EPSILON

test('403 and other 4xx are dead letters at once', () => {
  assert.deepEqual(verdict('forbidden'), dead('forbidden'))
  assert.deepEqual(verdict('rejected'), dead('rejected'))
})

test('404 is retried for 30 s after acceptance, then the event is dead', () => {
  assert.deepEqual(verdict('not_found'), again('not_found', 1, 1_000))
  assert.deepEqual(verdict('not_found', { random: almost1 }), again('not_found', 1, 2_000))
  const failure = { code: 'not_found', attempts: 20 }
  assert.deepEqual(
    verdict('not_found', { failure, ageMs: 1_000, random: almost1 }),
    again('not_found', 21, 16_000, 1_000),
  )
  assert.deepEqual(
    verdict('not_found', { failure, ageMs: 29_999, random: almost1 }),
    again('not_found', 21, 1, 29_999), // one last attempt at the end of the 30 s
  )
  assert.deepEqual(verdict('not_found', { ageMs: 30_000 }), dead('not_found'))
})

test('409 is retried 5 times, then the event is dead as `rejected`', () => {
  for (let attempts = 0; attempts < 5; attempts += 1) {
    const failure = attempts === 0 ? {} : { failure: { code: 'conflict', attempts } }
    const ageMs = eventMaxAgeMs * 2 // age plays no part
    assert.deepEqual(verdict('conflict', { ...failure, ageMs }), again('conflict', attempts + 1, 50, ageMs))
  }
  assert.deepEqual(verdict('conflict', { failure: { code: 'conflict', attempts: 5 } }), dead('rejected'))
})

test('failures of the API are retried until the event is too old', () => {
  assert.deepEqual(verdict('unavailable'), again('unavailable', 1, 100))
  const failure = { code: 'unavailable', attempts: 1_000 }
  assert.deepEqual(
    verdict('unavailable', { failure, ageMs: eventMaxAgeMs - 1, random: almost1 }),
    again('unavailable', 1_001, 1, eventMaxAgeMs - 1),
  )
  assert.deepEqual(verdict('unavailable', { failure, ageMs: eventMaxAgeMs }), dead('expired'))
})

test('regression: a resource that rejects every token is retried at once, then with increasing delay', () => {
  const after = (attempts: number) =>
    verdict('token_expired', { failure: { code: 'token_expired', attempts }, random: almost1 })
  assert.deepEqual(
    verdict('token_expired', { ageMs: eventMaxAgeMs }),
    again('token_expired', 1, 0, eventMaxAgeMs),
  )
  assert.deepEqual(after(1), again('token_expired', 2, 1_000))
  assert.deepEqual(after(3), again('token_expired', 4, 4_000))
  const old = { failure: { code: 'token_expired', attempts: 9 }, ageMs: eventMaxAgeMs }
  assert.deepEqual(verdict('token_expired', old), dead('expired'))
})

const unavailable = (retryAfterMs: number, { ageMs = 0, random = 0 } = {}) =>
  retryVerdict({
    answer: { kind: 'unavailable', detail, cause: '503', retryAfterMs },
    failure: undefined,
    acceptedAt,
    eventMaxAgeMs,
    now: acceptedAt + ageMs,
    random: () => random,
  })

test('after a failure the API is not called before its Retry-After', () => {
  assert.deepEqual(unavailable(2_000), again('unavailable', 1, 2_000))
  assert.deepEqual(unavailable(200, { random: almost1 }), again('unavailable', 1, 500)) // the backoff is longer
  assert.deepEqual(unavailable(0), again('unavailable', 1, 100))
})

test('Retry-After is limited to an hour and to the maximum age of the event', () => {
  assert.deepEqual(unavailable(86_400_000), again('unavailable', 1, maxPauseMs))
  const ageMs = eventMaxAgeMs - 1_000
  assert.deepEqual(unavailable(2_000, { ageMs }), again('unavailable', 1, 1_000, ageMs))
  assert.deepEqual(unavailable(2_000, { ageMs: eventMaxAgeMs }), dead('expired'))
})

test('attempts count consecutive failures of one kind', () => {
  const failure = { code: 'unavailable', attempts: 4 }
  assert.deepEqual(verdict('conflict', { failure }), again('conflict', 1, 50))
  assert.deepEqual(verdict('unavailable', { failure }), again('unavailable', 5, 100))
})

test('the upper limit of the delay doubles with each attempt up to the maximum', () => {
  const delays = [1, 2, 3, 4, 5, 6, 7, 8, 100, 100_000].map((attempts) =>
    backoff({ attempts, firstMs: 500, slowestMs: 30_000, random: () => almost1 }),
  )
  assert.deepEqual(delays, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000])
})

test('full jitter gives any delay up to the limit, but at least a minimum', () => {
  const property = fc.property(
    fc.integer({ min: 1, max: 1_000 }),
    fc.integer({ min: 1, max: 5_000 }),
    fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    (attempts, firstMs, fraction) => {
      const slowestMs = firstMs * 10
      const ceiling = Math.min(slowestMs, firstMs * 2 ** (attempts - 1))
      const delay = backoff({ attempts, firstMs, slowestMs, random: () => fraction })
      assert.ok(delay >= firstMs / 5 && delay <= ceiling, `${delay} of ${ceiling}`)
      assert.ok(delay >= Math.floor(fraction * ceiling))
    },
  )
  fc.assert(property)
  assert.deepEqual([fullJitter(1_000, () => 0), fullJitter(1_000, () => 0.25)], [0, 250])
})

test('regression: a conversation that never exists cost 16 calls of the rate budget in its 30 s', () => {
  for (const random of [0, almost1]) {
    let calls = 1
    let ageMs = 0
    let failure: Failure | undefined
    for (;;) {
      const result = verdict('not_found', { ageMs, random, ...(failure && { failure }) })
      if (result.kind === 'dead') break
      calls += 1
      ageMs = result.dueAt - acceptedAt
      failure = result.failure
    }
    assert.ok(calls <= 7, String(calls))
  }
})
