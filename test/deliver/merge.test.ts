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
  /** The values that rules set. */
  readonly set?: Record<string, string>
  /** The values that the event reports for the participant. */
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
    name: 'with equal times the event accepted later wins',
    given: [
      { at: 1, set: gold },
      { at: 1, set: silver },
    ],
    send: silver,
  },
  {
    name: 'each attribute is decided separately',
    given: [
      { at: 2, set: { tier: 'gold', region: 'emea' } },
      { at: 1, set: { tier: 'silver', language: 'fi' } },
    ],
    send: { tier: 'gold', region: 'emea', language: 'fi' },
  },
  {
    name: 'the acceptance time replaces a missing event time',
    given: [
      { set: gold, acceptedAt: 500 },
      { at: 499, set: silver, acceptedAt: 600 },
    ],
    send: gold,
  },
  {
    name: 'an event time up to 5 minutes ahead is trusted',
    given: [
      { at: acceptedAt + 300_000, set: gold },
      { at: acceptedAt + 299_999, set: silver },
    ],
    send: gold,
  },
  {
    name: 'an event time more than 5 minutes ahead is not trusted, so it blocks no later event',
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
    name: 'with the time of the known value, the event accepted later wins',
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
    name: 'a late event still sets an unknown value',
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
    name: 'a value that changes back within one claim is not sent',
    given: [
      { at: 15, set: silver },
      { at: 16, set: gold },
    ],
    known: known({ tier: { value: 'gold', decidedAt: 10 } }),
    send: {},
    carried: [],
  },
  {
    name: 'an empty value is sent like any other',
    given: [{ at: 15, set: { tier: '' } }],
    known: known({ tier: { value: 'gold', decidedAt: 10 } }),
    send: { tier: '' },
  },
  {
    name: 'an event whose values are all replaced is carried with the event that replaced them',
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
    name: 'the event of our own PATCH causes no second PATCH',
    given: [{ at: 20, set: gold, has: gold }],
    known: known({ tier: { value: 'gold', decidedAt: 10, knownAt: 15 } }),
    send: {},
    carried: [],
  },
  {
    name: 'a value that another program has changed since is sent again',
    given: [{ at: 20, set: gold, has: silver }],
    known: known({ tier: { value: 'gold', decidedAt: 10, knownAt: 15 } }),
    send: gold,
  },
  {
    name: 'regression: an outdated report without an event time replaced the known value',
    given: [{ has: silver }, { at: acceptedAt + 9, set: silver }],
    known: known({ tier: { value: 'gold', decidedAt: 10, knownAt: acceptedAt - 5 } }),
    send: silver,
    carried: [2],
  },
  {
    name: 'a change by another program alone sends nothing, because no rule sets the value',
    given: [{ at: 20, has: silver }],
    known: known({ tier: { value: 'gold', decidedAt: 10, knownAt: 15 } }),
    send: {},
    carried: [],
  },
  {
    name: 'a report from before our own PATCH is ignored',
    given: [{ at: 14, set: gold, has: silver }],
    known: known({ tier: { value: 'gold', decidedAt: 10, knownAt: 15 } }),
    send: {},
    carried: [],
  },
  {
    name: 'the later of two reports counts, in either order of arrival',
    given: [
      { at: 8, has: silver },
      { at: 7, has: gold },
      { at: 6, set: silver },
    ],
    send: {},
    carried: [],
  },
  {
    name: 'the attributes of the event itself do not count as a report',
    given: [{ at: 5, set: gold, attributes: gold }],
    send: gold,
  },
  {
    name: 'attribute names that are special in JavaScript work',
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

test('a sent value is known from the time of the call, decided by the winning event', () => {
  const merged = merge(events({ at: 7, set: gold }, { at: 6, set: silver }), new Map())
  assert.deepEqual(Object.fromEntries(merged.knownAfter(99)), {
    tier: { value: 'gold', decidedAt: 7, sequence: 1, knownAt: 99 },
  })
})

test('a value that a newer event confirms is decided by that event, without a call', () => {
  const before = known({ tier: { value: 'gold', decidedAt: 10, sequence: 3, knownAt: 12 } })
  const merged = merge(events({ at: 20, set: gold }), before)
  assert.deepEqual(Object.fromEntries(merged.knownAfter(99)), {
    tier: { value: 'gold', decidedAt: 20, sequence: 1, knownAt: 12 },
  })
})

test('a reported value is known from the time of the report', () => {
  const before = known({ tier: { value: 'gold', decidedAt: 10, sequence: 3, knownAt: 12 } })
  const merged = merge(events({ at: 20, has: silver }), before)
  assert.deepEqual(Object.fromEntries(merged.knownAfter(99)), {
    tier: { value: 'silver', decidedAt: 10, sequence: 3, knownAt: 20 },
  })
})

test('unchanged known values are not written again', () => {
  const before = known({ tier: { value: 'gold', decidedAt: 10 }, region: { value: 'emea', decidedAt: 10 } })
  const merged = merge(events({ at: 5, set: silver }, { at: 20, set: { region: 'apac' } }), before)
  assert.deepEqual([...merged.knownAfter(99).keys()], ['region'])
})
