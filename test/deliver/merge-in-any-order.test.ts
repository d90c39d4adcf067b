import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type DecidedEvent, merge } from '../../src/deliver/merge.ts'
import { effectiveTime } from '../../src/event.ts'
import type { KnownValues } from '../../src/inbox/inbox.ts'
import { conversationEvent } from '../helpers/conversation-events.ts'
import { rounds } from '../helpers/rounds.ts'

const names = ['tier', 'region', 'vip'] as const
const start = 1_000_000
const minute = 60_000

/** One arriving event: its sender's clock may be late, early, far ahead, or missing. */
const arrival = fc.record({
  occurredAt: fc.option(
    fc.oneof(
      fc.integer({ min: start, max: start + 20 }),
      fc.integer({ min: start + 4 * minute, max: start + 6 * minute }),
    ),
  ),
  attributes: fc.dictionary(fc.constantFrom(...names), fc.constantFrom('a', 'b', ''), { maxKeys: 3 }),
  /** The event also reports the participant's values at its time. */
  reports: fc.boolean(),
  waitMs: fc.nat({ max: 3 }),
  /** The worker claims all pending events after this one. */
  claimed: fc.boolean(),
  /** Whether the PATCH of that claim succeeds; if not, the next claim contains its events again. */
  applied: fc.boolean(),
})

type Arrival = typeof arrival extends fc.Arbitrary<infer T> ? T : never

/** The value of the event with the latest effective time, ties by acceptance. */
function expected(events: readonly DecidedEvent[], name: string): string | undefined {
  let winner: { time: number; value: string } | undefined
  for (const { event, acceptedAt, attributes } of events) {
    const value = attributes[name]
    const time = effectiveTime(event, acceptedAt)
    if (value !== undefined && (winner === undefined || time >= winner.time)) winner = { time, value }
  }
  return winner?.value
}

/** Applies the arrivals to a participant that stores the values it receives. */
function play(arrivals: readonly Arrival[]) {
  const participant = new Map<string, string>()
  const history: { at: number; attributes: Record<string, string> }[] = []
  let known: KnownValues = new Map()
  let waiting: DecidedEvent[] = []
  const accepted: DecidedEvent[] = []
  const redundant: string[] = []
  let now = start

  function work(applied: boolean): void {
    const merged = merge(waiting, known)
    assert.equal(merged.carried.size > 0, Object.keys(merged.send).length > 0)
    if (merged.carried.size > 0 && !applied) return
    now += 1
    for (const [name, value] of Object.entries(merged.send)) {
      if (participant.get(name) === value) redundant.push(name)
      participant.set(name, value)
    }
    history.push({ at: now, attributes: Object.fromEntries(participant) })
    known = new Map([...known, ...merged.knownAfter(now)])
    waiting = []
    now += 1
  }

  for (const [index, { occurredAt, attributes, reports, waitMs, claimed, applied }] of arrivals.entries()) {
    now += waitMs
    const time = occurredAt ?? now
    const then = history.findLast(({ at }) => at < time)?.attributes ?? {}
    // A report from a sender with a wrong clock is true only by that clock, so the test ignores it.
    const truthful = reports && time <= now
    const event: DecidedEvent = {
      sequence: index + 1,
      acceptedAt: now,
      event: conversationEvent(`e${index}`, {
        ...(occurredAt !== null && { occurredAt }),
        ...(truthful && { participant: { attributes: then } }),
      }),
      attributes,
    }
    waiting.push(event)
    accepted.push(event)
    if (claimed) work(applied)
  }
  work(true)
  return { participant, accepted, redundant }
}

test('each attribute ends with its latest value, for any order of arrival and any split into claims', () => {
  const property = fc.property(fc.array(arrival, { maxLength: 12 }), (arrivals) => {
    const { participant, accepted } = play(arrivals)
    for (const name of names) assert.equal(participant.get(name), expected(accepted, name), name)
  })
  fc.assert(property, { numRuns: rounds(900) })
})

test('while no other program writes, no value is sent that the participant has', () => {
  const property = fc.property(fc.array(arrival, { maxLength: 12 }), (arrivals) => {
    assert.deepEqual(play(arrivals).redundant, [])
  })
  fc.assert(property, { numRuns: rounds(300) })
})
