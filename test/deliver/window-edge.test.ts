import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createWindowEdge, type Sighting, type WindowEdge } from '../../src/deliver/window-edge.ts'

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

/** Calls as a client under backlog makes them: a burst when the window is new, then a look when it is worth one. */
function throughWindow(
  edge: WindowEdge,
  from: number,
  call: (at: number) => Sighting,
  burstMs: number,
): number {
  for (let at = from; at < from + burstMs; at += 50) edge.see(call(at))
  const look = Math.max(from + burstMs, edge.worthALookAt())
  if (edge.see(call(look)) === 'newer') return look
  const over = Math.max(look, edge.isOverAt())
  edge.see(call(over))
  return over
}

test('one answer leaves three seconds of doubt, since every rounding is possible: the middle is worth a look', () => {
  const edge = createWindowEdge({ sentAt: 1_000, receivedAt: 1_040, resetMs: 10_000 })
  assert.equal(edge.isOverAt(), 11_040 + 1_000)
  assert.equal(edge.worthALookAt(), 11_040 - 520)
})

test('answers around a tick of the reset narrow the end down', () => {
  const { call } = server('up', 60_000, 30_333)
  const edge = createWindowEdge(call(0, 5, 5))
  for (let at = 300; at < 1_400; at += 50) assert.equal(edge.see(call(at, 5, 5)), 'same')
  assert.ok(edge.isOverAt() - 1_000 - 30_333 <= 60, String(edge.isOverAt()))
  assert.ok(Math.abs(edge.worthALookAt() - 30_333) <= 60, String(edge.worthALookAt()))
})

for (const rounding of ['up plus one', 'up', 'down'] as const) {
  test(`short bursts tell little, but a look a window finds the end all the same (rounded ${rounding})`, () => {
    const { call, endAfter } = server(rounding, 60_000, 30_333)
    const edge = createWindowEdge(call(0, 5, 5))
    let now = 0
    for (let window = 0; window < 10; window += 1) now = throughWindow(edge, now, (at) => call(at, 5, 5), 100)
    const late = edge.isOverAt() - endAfter(now + 10)
    assert.ok(late >= 0 && late <= 100, String(late))
  })
}

test('an answer that was long under way belongs to the window before', () => {
  const { call } = server('up', 60_000, 30_333)
  const late = call(30_000, 5, 2_000)
  const edge = createWindowEdge(call(31_000, 5, 5))
  assert.equal(edge.see(late), 'older')
})

test('whatever the rounding, the travel times and the phase: never over before the end, and never more than a good second after it', () => {
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
              assert.ok(endAfter(at) > end || edge.isOverAt() >= end, `${edge.isOverAt()} is before ${end}`)
              return next()
            },
            burstMs,
          )
        }
        assert.ok(
          edge.isOverAt() - endAfter(now + travelMs) < 1_300,
          `${edge.isOverAt()} for ${endAfter(now + travelMs)}`,
        )
      },
    ),
    { numRuns: 300 },
  )
})

test('regression: one absurd reset made every later answer count as old, for as long as it told', () => {
  const { call } = server('up', 60_000, 30_333)
  const edge = createWindowEdge({ sentAt: 0, receivedAt: 10, resetMs: 3_600_000 })
  assert.equal(edge.see(call(100, 5, 5)), 'newer')
  assert.ok(edge.isOverAt() < 33_000, String(edge.isOverAt()))
})
