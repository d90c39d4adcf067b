import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createWindowEdge, type Observation, type WindowEdge } from '../../src/deliver/window-edge.ts'
import { rounds } from '../helpers/rounds.ts'

const roundings = {
  'up plus one': (restMs: number) => Math.ceil(restMs / 1000) * 1000 + 1000,
  up: (restMs: number) => Math.ceil(restMs / 1000) * 1000,
  down: (restMs: number) => Math.floor(restMs / 1000) * 1000,
} as const

/** A server with windows of `windowMs`; the first one ends at `firstEnd`. */
function server(rounding: keyof typeof roundings, windowMs: number, firstEnd: number) {
  const endAfter = (now: number) => firstEnd + Math.max(0, Math.ceil((now - firstEnd) / windowMs)) * windowMs
  return {
    endAfter,
    call: (sentAt: number, toMs: number, backMs: number): Observation => {
      const at = sentAt + toMs
      const end = endAfter(at + 1e-6)
      return { sentAt, receivedAt: at + backMs, resetMs: roundings[rounding](end - at) }
    },
  }
}

/** Calls of a client with a backlog: a burst at the start of the window, then a probe at `probeAt`. */
function throughWindow(
  edge: WindowEdge,
  from: number,
  call: (at: number) => Observation,
  burstMs: number,
): number {
  for (let at = from; at < from + burstMs; at += 50) edge.observe(call(at))
  const probe = Math.max(from + burstMs, edge.probeAt())
  if (edge.observe(call(probe)) === 'newer') return probe
  const over = Math.max(probe, edge.overAt())
  edge.observe(call(over))
  return over
}

test('after one response the end is uncertain by three seconds, and the probe is in the middle', () => {
  const edge = createWindowEdge({ sentAt: 1_000, receivedAt: 1_040, resetMs: 10_000 })
  assert.equal(edge.overAt(), 11_040 + 1_000)
  assert.equal(edge.probeAt(), 11_040 - 520)
})

test('responses around a change of the reset header narrow down the end', () => {
  const { call } = server('up', 60_000, 30_333)
  const edge = createWindowEdge(call(0, 5, 5))
  for (let at = 300; at < 1_400; at += 50) assert.equal(edge.observe(call(at, 5, 5)), 'same')
  assert.ok(edge.overAt() - 1_000 - 30_333 <= 60, String(edge.overAt()))
  assert.ok(Math.abs(edge.probeAt() - 30_333) <= 60, String(edge.probeAt()))
})

for (const rounding of ['up plus one', 'up', 'down'] as const) {
  test(`short bursts and one probe per window find the end (rounded ${rounding})`, () => {
    const { call, endAfter } = server(rounding, 60_000, 30_333)
    const edge = createWindowEdge(call(0, 5, 5))
    let now = 0
    for (let window = 0; window < 10; window += 1) now = throughWindow(edge, now, (at) => call(at, 5, 5), 100)
    const late = edge.overAt() - endAfter(now + 10)
    assert.ok(late >= 0 && late <= 100, String(late))
  })
}

test('a slow response belongs to the previous window', () => {
  const { call } = server('up', 60_000, 30_333)
  const late = call(30_000, 5, 2_000)
  const edge = createWindowEdge(call(31_000, 5, 5))
  assert.equal(edge.observe(late), 'older')
})

test('for any rounding, travel times and phase, overAt is never before the end and at most 1.3 s after it', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('up plus one' as const, 'up' as const, 'down' as const),
      fc.integer({ min: 3, max: 60 }),
      fc.integer({ min: 0, max: 59_999 }),
      fc.integer({ min: 0, max: 1_500 }),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 })), {
        minLength: 30,
        maxLength: 30,
      }),
      (rounding, windowSeconds, phase, burstMs, travel) => {
        const { call, endAfter } = server(rounding, windowSeconds * 1_000, phase % (windowSeconds * 1_000))
        let now = 0
        let calls = 0
        const next = () => {
          const [toMs, backMs] = travel[calls++ % travel.length] ?? [5, 5]
          return call(now, toMs, backMs)
        }
        const travelMs = 120 // the last call may have been sent before the end, and counted after it
        const edge = createWindowEdge(next())
        for (let window = 0; window < 10; window += 1) {
          const end = endAfter(now)
          now = throughWindow(
            edge,
            now,
            (at) => {
              now = at
              assert.ok(endAfter(at) > end || edge.overAt() >= end, `${edge.overAt()} is before ${end}`)
              return next()
            },
            burstMs,
          )
        }
        assert.ok(
          edge.overAt() - endAfter(now + travelMs) < 1_300,
          `${edge.overAt()} for ${endAfter(now + travelMs)}`,
        )
      },
    ),
    { numRuns: rounds(300) },
  )
})

test('regression: one wrong reset header made all later responses count as older for its whole duration', () => {
  const { call } = server('up', 60_000, 30_333)
  const edge = createWindowEdge({ sentAt: 0, receivedAt: 10, resetMs: 3_600_000 })
  assert.equal(edge.observe(call(100, 5, 5)), 'newer')
  assert.ok(edge.overAt() < 33_000, String(edge.overAt()))
})
