import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type DecidedEvent, merge } from '../../src/deliver/merge.ts'
import { effectiveTime } from '../../src/event.ts'
import type { KnownValues } from '../../src/inbox/inbox.ts'
import { conversationEvent } from '../helpers/conversation-events.ts'

const names = ['tier', 'region', 'vip'] as const
const start = 1_000_000
const minute = 60_000

/** One event as it comes in: its sender's clock may run late, early, far ahead, or be missing. */
const arrival = fc.record({
  occurredAt: fc.option(
    fc.oneof(
      fc.integer({ min: start, max: start + 20 }),
      fc.integer({ min: start + 4 * minute, max: start + 6 * minute }),
    ),
  ),
  attributes: fc.dictionary(fc.constantFrom(...names), fc.constantFrom('a', 'b', ''), { maxKeys: 3 }),
  /** It also reports what the participant had at its time. */
  reports: fc.boolean(),
  waitMs: fc.nat({ max: 3 }),
  /** The worker claims all that waits after this event. */
  claimed: fc.boolean(),
  /** Whether the PATCH of that claim succeeds: if not, its events are in the next claim again. */
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

/** Plays the arrivals against a participant that holds what it is sent. */
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
    // A sender whose clock is wrong reports what is true by its own clock only: nothing is to be learned then.
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

test('in any order of arrival, and however claims split them, each attribute ends with its latest value', () => {
  const property = fc.property(fc.array(arrival, { maxLength: 12 }), (arrivals) => {
    const { participant, accepted } = play(arrivals)
    for (const name of names) assert.equal(participant.get(name), expected(accepted, name), name)
  })
  fc.assert(property, { numRuns: 3_000 })
})

test('as long as nobody else writes, no value is sent that the participant has', () => {
  const property = fc.property(fc.array(arrival, { maxLength: 12 }), (arrivals) => {
    assert.deepEqual(play(arrivals).redundant, [])
  })
  fc.assert(property, { numRuns: 1_000 })
})
