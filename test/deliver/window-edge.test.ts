import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createWindowEdge, type Sighting } from '../../src/deliver/window-edge.ts'

const roundings = {
  'up plus one': (restMs: number) => Math.ceil(restMs / 1000) * 1000 + 1000,
  up: (restMs: number) => Math.ceil(restMs / 1000) * 1000,
  down: (restMs: number) => Math.floor(restMs / 1000) * 1000,
} as const

/** A server with windows of `windowMs`, the first of which ends at `firstEnd`. */
function server(rounding: keyof typeof roundings, windowMs: number, firstEnd: number) {
  const endAfter = (now: number) => firstEnd + Math.max(0, Math.ceil((now - firstEnd) / windowMs)) * windowMs
  return {
    endAfter,
    call: (sentAt: number, toMs: number, backMs: number): Sighting => {
      const at = sentAt + toMs
      const end = endAfter(at + 1e-6)
      return { sentAt, receivedAt: at + backMs, resetMs: roundings[rounding](end - at) }
    },
  }
}

test('one answer bounds the end to a second; until more is known every rounding is thought possible', () => {
  const edge = createWindowEdge({ sentAt: 1_000, receivedAt: 1_040, resetMs: 10_000 })
  assert.deepEqual(edge.rounding(), ['up plus one', 'up', 'down'])
  assert.equal(edge.mayBeOverAt(), 11_040 - 1_000)
  assert.equal(edge.isOverAt(), 11_040 + 1_000)
})

test('answers around a tick of the reset narrow the end down', () => {
  const { call } = server('up', 60_000, 30_333)
  const edge = createWindowEdge(call(0, 5, 5))
  for (let at = 300; at < 1_400; at += 50) assert.equal(edge.see(call(at, 5, 5)), 'same')
  assert.ok(edge.isOverAt() - 1_000 - 30_333 <= 60, String(edge.isOverAt()))
})

test('a call counted in the old window, or in the new one, tells how the reset is rounded', () => {
  const { call } = server('up', 60_000, 30_333)
  const edge = createWindowEdge(call(0, 5, 5))
  for (let at = 300; at < 1_400; at += 50) edge.see(call(at, 5, 5))
  assert.equal(edge.see(call(edge.mayBeOverAt(), 5, 5)), 'same')
  assert.deepEqual(edge.rounding(), ['up', 'down'])
  assert.equal(edge.see(call(edge.mayBeOverAt(), 5, 5)), 'newer')
  assert.deepEqual(edge.rounding(), ['up'])
})

test('what was learned of the fraction of the second is kept for the windows to come', () => {
  const { call } = server('up', 60_000, 30_333)
  const edge = createWindowEdge(call(0, 5, 5))
  for (let at = 300; at < 1_400; at += 50) edge.see(call(at, 5, 5))
  edge.see(call(31_500, 5, 5)) // one answer of the next window
  const looked = edge.mayBeOverAt() + (edge.rounding()[0] === 'up plus one' ? 1_000 : 0)
  assert.ok(Math.abs(looked - 90_333) < 100, String(looked))
})

test('an answer that was long under way belongs to the window before', () => {
  const { call } = server('up', 60_000, 30_333)
  const late = call(30_000, 5, 2_000)
  const edge = createWindowEdge(call(31_000, 5, 5))
  assert.equal(edge.see(late), 'older')
})

test('whatever the rounding, the travel times and the phase: never over before the end, and soon found exactly', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('up plus one' as const, 'up' as const, 'down' as const),
      fc.integer({ min: 3, max: 60 }),
      fc.integer({ min: 0, max: 59_999 }),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 })), {
        minLength: 30,
        maxLength: 30,
      }),
      (rounding, windowSeconds, phase, travel) => {
        const { call, endAfter } = server(rounding, windowSeconds * 1_000, phase % (windowSeconds * 1_000))
        let now = 0
        let calls = 0
        const next = () => {
          const [toMs, backMs] = travel[calls++ % travel.length] ?? [5, 5]
          return call(now, toMs, backMs)
        }
        const edge = createWindowEdge(next())
        for (let window = 0; window < 6; window += 1) {
          // A burst over a good second, then a look at each time that is worth one.
          for (let index = 0; index < 25; index += 1) {
            now += 50
            edge.see(next())
          }
          const end = endAfter(now)
          assert.ok(edge.isOverAt() >= end, `window ${window}: ${edge.isOverAt()} is before ${end}`)
          now = Math.max(now, edge.mayBeOverAt())
          if (edge.see(next()) !== 'newer') {
            now = Math.max(now, edge.isOverAt())
            edge.see(next())
          }
        }
        assert.ok(edge.rounding().includes(rounding), `${edge.rounding()} without ${rounding}`)
        assert.ok(edge.mayBeOverAt() - endAfter(now) < 250, `${edge.mayBeOverAt()} for ${endAfter(now)}`)
      },
    ),
    { numRuns: 300 },
  )
})
