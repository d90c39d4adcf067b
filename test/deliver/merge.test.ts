import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type DecidedEvent, merge } from '../../src/deliver/merge.ts'
import type { ConversationEvent } from '../../src/event.ts'
import type { KnownValue, KnownValues } from '../../src/inbox/inbox.ts'
import { conversationEvent } from '../helpers/conversation-events.ts'

const acceptedAt = 1_000_000

interface Given extends Partial<ConversationEvent> {
  readonly at?: number
  readonly acceptedAt?: number
  /** What the rules decided. */
  readonly set?: Record<string, string>
  /** What the event reports of the participant. */
  readonly has?: Record<string, string>
}

/** Events in order of acceptance: sequences 1, 2, 3… */
const events = (...given: Given[]): DecidedEvent[] =>
  given.map(({ at, set = {}, has, acceptedAt: accepted = acceptedAt }, index) => ({
    sequence: index + 1,
    acceptedAt: accepted,
    event: conversationEvent(`e${index + 1}`, {
      ...(at !== undefined && { occurredAt: at }),
      ...(has !== undefined && { participant: { attributes: has } }),
    }),
    attributes: set,
  }))

const known = (values: Record<string, Partial<KnownValue> & { value: string }>): KnownValues =>
  new Map(
    Object.entries(values).map(([name, value]) => [
      name,
      { decidedAt: 0, sequence: 0, knownAt: 0, ...value },
    ]),
  )

interface Case {
  readonly name: string
  readonly given: Given[]
  readonly known?: KnownValues
  readonly send: Record<string, string>
  /** Sequences; default all. */
  readonly carried?: number[]
}

const gold = { tier: 'gold' }
const silver = { tier: 'silver' }

const cases: Case[] = [
  { name: 'nothing to set', given: [{ at: 1 }], send: {}, carried: [] },
  {
    name: 'different attributes go into one PATCH',
    given: [
      { at: 1, set: gold },
      { at: 2, set: { region: 'emea' } },
    ],
    send: { ...gold, region: 'emea' },
  },
  {
    name: 'the later event wins, accepted in order',
    given: [
      { at: 1, set: gold },
      { at: 2, set: silver },
    ],
    send: silver,
  },
  {
    name: 'the later event wins, accepted out of order',
    given: [
      { at: 2, set: silver },
      { at: 1, set: gold },
    ],
    send: silver,
  },
  {
    name: 'a tie goes to the one accepted later',
    given: [
      { at: 1, set: gold },
      { at: 1, set: silver },
    ],
    send: silver,
  },
  {
    name: 'each attribute is decided by itself',
    given: [
      { at: 2, set: { tier: 'gold', region: 'emea' } },
      { at: 1, set: { tier: 'silver', language: 'fi' } },
    ],
    send: { tier: 'gold', region: 'emea', language: 'fi' },
  },
  {
    name: 'an event without a time happened when it was accepted',
    given: [
      { set: gold, acceptedAt: 500 },
      { at: 499, set: silver, acceptedAt: 600 },
    ],
    send: gold,
  },
  {
    name: 'a clock 5 minutes ahead is believed',
    given: [
      { at: acceptedAt + 300_000, set: gold },
      { at: acceptedAt + 299_999, set: silver },
    ],
    send: gold,
  },
  {
    name: 'a clock more than 5 minutes ahead is not, so that it blocks nobody',
    given: [
      { at: acceptedAt + 300_001, set: gold },
      { at: acceptedAt + 1, set: silver },
    ],
    send: silver,
  },
  {
    name: 'a late event does not overwrite a newer known value',
    given: [{ at: 5, set: silver }],
    known: known({ tier: { value: 'gold', decidedAt: 10, sequence: 0 } }),
    send: {},
    carried: [],
  },
  {
    name: 'a newer event overwrites a known value',
    given: [{ at: 15, set: silver }],
    known: known({ tier: { value: 'gold', decidedAt: 10 } }),
    send: silver,
  },
  {
    name: 'of two events at the time of the known value the one accepted later wins',
    given: [{ at: 10, set: silver }],
    known: known({ tier: { value: 'gold', decidedAt: 10, sequence: 0 } }),
    send: silver,
  },
  {
    name: 'an event at the time of the known value, but accepted before the one that set it, does not overwrite it',
    given: [{ at: 10, set: silver }],
    known: known({ tier: { value: 'gold', decidedAt: 10, sequence: 9 } }),
    send: {},
    carried: [],
  },
  {
    name: 'a late event still sets what is not known',
    given: [{ at: 5, set: { tier: 'silver', region: 'emea' } }],
    known: known({ tier: { value: 'gold', decidedAt: 10 } }),
    send: { region: 'emea' },
  },
  {
    name: 'a value the participant is known to have is not sent',
    given: [{ at: 15, set: { tier: 'gold', region: 'emea' } }],
    known: known({ tier: { value: 'gold', decidedAt: 10 } }),
    send: { region: 'emea' },
  },
  {
    name: 'there and back again within one claim: nothing is sent',
    given: [
      { at: 15, set: silver },
      { at: 16, set: gold },
    ],
    known: known({ tier: { value: 'gold', decidedAt: 10 } }),
    send: {},
    carried: [],
  },
  {
    name: 'an empty value is a value',
    given: [{ at: 15, set: { tier: '' } }],
    known: known({ tier: { value: 'gold', decidedAt: 10 } }),
    send: { tier: '' },
  },
  {
    name: 'an event overruled in all it sets is carried with the one that overruled it',
    given: [
      { at: 1, set: gold },
      { at: 2, set: silver },
      { at: 3, set: {} },
    ],
    send: silver,
    carried: [1, 2],
  },
  {
    name: 'a value that the event itself reports is not sent',
    given: [{ at: 5, set: gold, has: gold }],
    send: {},
    carried: [],
  },
  {
    name: 'the echo of our own PATCH is not sent again',
    given: [{ at: 20, set: gold, has: gold }],
    known: known({ tier: { value: 'gold', decidedAt: 10, knownAt: 15 } }),
    send: {},
    carried: [],
  },
  {
    name: 'a value that somebody else has changed since is sent again',
    given: [{ at: 20, set: gold, has: silver }],
    known: known({ tier: { value: 'gold', decidedAt: 10, knownAt: 15 } }),
    send: gold,
  },
  {
    name: 'regression: a report without a time of its own, older than what we have set, made us believe it',
    given: [{ has: silver }, { at: acceptedAt + 9, set: silver }],
    known: known({ tier: { value: 'gold', decidedAt: 10, knownAt: acceptedAt - 5 } }),
    send: silver,
    carried: [2],
  },
  {
    name: 'somebody else may change a value: no rule sets it, so nothing is sent',
    given: [{ at: 20, has: silver }],
    known: known({ tier: { value: 'gold', decidedAt: 10, knownAt: 15 } }),
    send: {},
    carried: [],
  },
  {
    name: 'a report from before our own PATCH tells nothing',
    given: [{ at: 14, set: gold, has: silver }],
    known: known({ tier: { value: 'gold', decidedAt: 10, knownAt: 15 } }),
    send: {},
    carried: [],
  },
  {
    name: 'of two reports the later one counts, whatever order they came in',
    given: [
      { at: 8, has: silver },
      { at: 7, has: gold },
      { at: 6, set: silver },
    ],
    send: {},
    carried: [],
  },
  {
    name: 'attributes of the event itself are no report of what the participant has',
    given: [{ at: 5, set: gold, attributes: gold }],
    send: gold,
  },
  {
    name: 'names that are special to JavaScript are ordinary',
    given: [
      {
        at: 5,
        set: Object.fromEntries([
          ['__proto__', 'a'],
          ['constructor', 'b'],
        ]),
      },
    ],
    send: Object.fromEntries([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]),
  },
]

for (const { name, given, known: before = new Map(), send, carried } of cases) {
  test(name, () => {
    const merged = merge(events(...given), before)
    assert.deepEqual(Object.entries(merged.send).sort(), Object.entries(send).sort())
    assert.deepEqual([...merged.carried], carried ?? given.map((_, index) => index + 1))
  })
}

test('what was sent is known from the time of the call, decided by the event that won', () => {
  const merged = merge(events({ at: 7, set: gold }, { at: 6, set: silver }), new Map())
  assert.deepEqual(Object.fromEntries(merged.knownAfter(99)), {
    tier: { value: 'gold', decidedAt: 7, sequence: 1, knownAt: 99 },
  })
})

test('what a newer event confirms is known by that event, without a call', () => {
  const before = known({ tier: { value: 'gold', decidedAt: 10, sequence: 3, knownAt: 12 } })
  const merged = merge(events({ at: 20, set: gold }), before)
  assert.deepEqual(Object.fromEntries(merged.knownAfter(99)), {
    tier: { value: 'gold', decidedAt: 20, sequence: 1, knownAt: 12 },
  })
})

test('what was reported is known from the time of the report', () => {
  const before = known({ tier: { value: 'gold', decidedAt: 10, sequence: 3, knownAt: 12 } })
  const merged = merge(events({ at: 20, has: silver }), before)
  assert.deepEqual(Object.fromEntries(merged.knownAfter(99)), {
    tier: { value: 'silver', decidedAt: 10, sequence: 3, knownAt: 20 },
  })
})

test('known values that nothing touched are not written again', () => {
  const before = known({ tier: { value: 'gold', decidedAt: 10 }, region: { value: 'emea', decidedAt: 10 } })
  const merged = merge(events({ at: 5, set: silver }, { at: 20, set: { region: 'apac' } }), before)
  assert.deepEqual([...merged.knownAfter(99).keys()], ['region'])
})
