import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { priorities } from '../../src/inbox/inbox.ts'
import { createSnapshotMemory, type News, type SnapshotMemory } from '../../src/ingest/snapshot-memory.ts'
import type { SortedEvent } from '../../src/ingest/sort.ts'
import { conversationEvent } from '../helpers/events.ts'
import { rulesOf } from '../helpers/rules.ts'

const rules = rulesOf('version: 1\nrules: []\n')

interface Snapshot {
  readonly topic?: string
  readonly conversationId?: string
  readonly at?: number | undefined
  /** By participant. */
  readonly states: Readonly<Record<string, unknown>>
}

const eventsOf = ({ topic = 't', conversationId = 'c', at, states }: Snapshot): SortedEvent[] =>
  Object.entries(states).map(([participantId, said]) => ({
    event: conversationEvent({
      topic,
      conversationId,
      participantId,
      ...(at !== undefined && { occurredAt: at }),
    }),
    priority: priorities.normal,
    said,
  }))

const compare = (memory: SnapshotMemory, ...snapshots: Snapshot[]): News =>
  memory.compare(snapshots.flatMap(eventsOf), rules)

const keep = ({ news, keep }: News): void => keep(news.map(() => 'accepted'))

const participantsIn = ({ news }: News): string => news.map(({ event }) => event.participantId).join('')

type Step = [
  snapshots: Snapshot | Snapshot[],
  news: string,
  then?: 'stored' | 'not stored' | 'known to the inbox',
]

const sequences: Record<string, Step[]> = {
  'the first snapshot is news of everybody, the next only of who changed': [
    [{ states: { a: 1, b: 1, c: 1 } }, 'abc'],
    [{ states: { a: 1, b: 2, c: 1 } }, 'b'],
    [{ states: { a: 1, b: 2, c: 1 } }, ''],
    [{ states: { a: 1, b: 1, c: 1 } }, 'b'],
  ],
  'who joins is news, who left is not': [
    [{ states: { a: 1 } }, 'a'],
    [{ states: { a: 1, b: 1 } }, 'b'],
    [{ states: { b: 1 } }, ''],
  ],
  'everything that is said counts': [
    [{ states: { a: { calls: [{ state: 'alerting' }] } } }, 'a'],
    [{ states: { a: { calls: [{ state: 'connected' }] } } }, 'a'],
    [{ states: { a: { calls: [{ state: 'connected' }] } } }, ''],
  ],
  'conversations and topics are kept apart': [
    [{ states: { a: 1 } }, 'a'],
    [{ states: { a: 1 }, conversationId: 'other' }, 'a'],
    [{ states: { a: 1 }, topic: 'other' }, 'a'],
    [{ states: { a: 1 } }, ''],
  ],
  'in one call, each snapshot is compared with the one before it': [
    [[{ states: { a: 1, b: 1 } }, { states: { a: 1, b: 2 } }, { states: { a: 1, b: 1 } }], 'abbb'],
    [{ states: { a: 1, b: 1 } }, ''],
  ],
  'what was not stored in the end is told again, and so is what it took the place of': [
    [{ states: { a: 1, b: 1 } }, 'ab', 'not stored'],
    [{ states: { a: 1, b: 1 } }, 'ab'],
    [{ states: { a: 2, b: 1 } }, 'a', 'not stored'],
    [{ states: { a: 1, b: 1 } }, 'a'],
    [{ states: { a: 1, b: 1 } }, ''],
  ],
  'what the inbox knew already does not count as told: a later event may have decided otherwise since': [
    [{ states: { a: 1 } }, 'a'],
    [{ states: { a: 2 } }, 'a'],
    [{ states: { a: 1 } }, 'a', 'known to the inbox'],
    [{ states: { a: 1 } }, 'a'],
    [{ states: { a: 1 } }, ''],
  ],
  'after a late snapshot that said something else, the next one is news': [
    [{ at: 10, states: { a: 'A', b: 1 } }, 'ab'],
    [{ at: 20, states: { a: 'B', b: 1 } }, 'a'],
    [{ at: 10, states: { a: 'A', b: 1 } }, 'a'],
    [{ at: 30, states: { a: 'B', b: 1 } }, 'a'],
    [{ at: 40, states: { a: 'B', b: 1 } }, ''],
  ],
  'what a late snapshot said is not what counts': [
    [{ at: 20, states: { a: 'B' } }, 'a'],
    [{ at: 10, states: { a: 'A' } }, 'a'],
    [{ at: 30, states: { a: 'A' } }, 'a'],
  ],
  'a late snapshot that says the same changes nothing': [
    [{ at: 20, states: { a: 1 } }, 'a'],
    [{ at: 10, states: { a: 1 } }, ''],
    [{ at: 30, states: { a: 1 } }, ''],
  ],
  'without times, the order of arrival counts': [
    [{ states: { a: 'A' } }, 'a'],
    [{ states: { a: 'B' } }, 'a'],
    [{ states: { a: 'A' } }, 'a'],
    [{ states: { a: 'A' } }, ''],
  ],
  'of snapshots with and without a time it is not known which one counts: each change is news': [
    [{ at: 10, states: { a: 1 } }, 'a'],
    [{ states: { a: 2 } }, 'a'],
    [{ at: 20, states: { a: 1 } }, 'a'],
    [{ at: 30, states: { a: 1 } }, 'a'],
    [{ states: { a: 1 } }, 'a'],
  ],
}

for (const [name, steps] of Object.entries(sequences)) {
  test(name, () => {
    const memory = createSnapshotMemory()
    for (const [index, [snapshots, news, then = 'stored']] of steps.entries()) {
      const compared = compare(memory, ...[snapshots].flat())
      assert.equal(participantsIn(compared), news, `step ${index + 1}`)
      const result = then === 'stored' ? 'accepted' : 'duplicate'
      if (then !== 'not stored') compared.keep(compared.news.map(() => result))
    }
  })
}

test('an event of no snapshot is always news, in its place', () => {
  const memory = createSnapshotMemory()
  const plain: SortedEvent = {
    event: conversationEvent({ participantId: 'x' }),
    priority: priorities.high,
    said: undefined,
  }
  const call = () => memory.compare([plain, ...eventsOf({ states: { a: 1 } }), plain], rules)
  const first = call()
  assert.equal(participantsIn(first), 'xax')
  keep(first)
  assert.deepEqual(call().news, [plain, plain])
})

test('while what one call tells is not stored yet, nothing of it counts as told', () => {
  const memory = createSnapshotMemory()
  keep(compare(memory, { states: { a: 1, b: 1 } }))
  const first = compare(memory, { states: { a: 2, b: 1 } })
  const second = compare(memory, { states: { a: 1, b: 1 } })
  assert.deepEqual([first, second].map(participantsIn), ['a', 'a'])
  keep(second)
  keep(first)
  assert.equal(participantsIn(compare(memory, { states: { a: 1, b: 1 } })), '', 'the second call counts')
})

test('rules that are replaced are told everything, whatever the ones before were told meanwhile', () => {
  const memory = createSnapshotMemory()
  const events = eventsOf({ states: { a: 1, b: 1 } })
  keep(memory.compare(events, rules))
  const underWay = memory.compare(eventsOf({ states: { a: 2 } }), rules)
  const others = rulesOf('version: 1\nrules: []\n')
  const first = memory.compare(events, others)
  assert.equal(participantsIn(first), 'ab')
  keep(underWay)
  assert.equal(participantsIn(memory.compare(events, others)), 'ab')
  keep(first)
})

test('no more participants than allowed are remembered: the one that was quiet longest is told again', () => {
  const memory = createSnapshotMemory({ maxParticipants: 3 })
  keep(compare(memory, { states: { a: 1, b: 1, c: 1 } }))
  assert.equal(participantsIn(compare(memory, { states: { a: 1 } })), '')
  keep(compare(memory, { states: { d: 1 } }))
  assert.equal(participantsIn(compare(memory, { states: { a: 1, c: 1, d: 1 } })), '')
  assert.equal(participantsIn(compare(memory, { states: { b: 1 } })), 'b')
})

test('a call with more participants than are remembered tells all of them', () => {
  const memory = createSnapshotMemory({ maxParticipants: 2 })
  const all = { states: { a: 1, b: 1, c: 1, d: 1 } }
  for (let call = 0; call < 3; call += 1) {
    const compared = compare(memory, all)
    assert.ok(compared.news.length >= 2)
    keep(compared)
  }
})

const anyStates = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 3 }), {
  minKeys: 1,
})
const anyConversation = { topic: fc.constantFrom('t', 'u'), conversationId: fc.constantFrom('c', 'd') }

const keyOf = ({ event }: SortedEvent): string =>
  `${event.topic}/${event.conversationId}/${event.participantId}`

test('for every sequence: what differs from what was stored last is news, and nothing else', () => {
  const call = fc.record({
    snapshots: fc.array(fc.record({ ...anyConversation, states: anyStates }), { minLength: 1, maxLength: 3 }),
    stored: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(call, { maxLength: 20 }), (calls) => {
      const memory = createSnapshotMemory()
      const last = new Map<string, unknown>()
      // What a call that failed spoke of is told again, whatever is said next.
      const doubtful = new Set<string>()
      for (const { snapshots, stored } of calls) {
        const events = snapshots.flatMap(eventsOf)
        const inThisCall = new Map<string, unknown>()
        const expected = events.filter((event) => {
          const key = keyOf(event)
          const before = inThisCall.get(key) ?? (doubtful.has(key) ? undefined : last.get(key))
          if (event.said === before) return false
          inThisCall.set(key, event.said)
          return true
        })
        const compared = memory.compare(events, rules)
        assert.deepEqual(compared.news, expected)
        if (stored) keep(compared)
        for (const [key, said] of inThisCall) {
          if (stored) last.set(key, said)
          if (stored) doubtful.delete(key)
          else doubtful.add(key)
        }
      }
    }),
  )
})

test('for every order of late snapshots, overlapping calls and failures: what is no news is what counts by then', () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('compare' as const),
      at: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
      states: anyStates,
    }),
    fc.record({
      kind: fc.constant('end' as const),
      which: fc.nat(),
      as: fc.constantFrom('accepted', 'duplicate', 'failed'),
    }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const memory = createSnapshotMemory()
      const stored: { key: string; at: number; order: number; said: unknown }[] = []
      const underWay: { order: number; compared: News }[] = []
      for (const [order, step] of steps.entries()) {
        if (step.kind === 'compare') {
          const events = eventsOf(step)
          const compared = memory.compare(events, rules)
          underWay.push({ order, compared })
          for (const event of events.filter((each) => !compared.news.includes(each))) {
            const counting = stored
              .filter(({ key }) => key === keyOf(event))
              .sort((one, other) => one.at - other.at || one.order - other.order)
              .at(-1)
            assert.deepEqual(counting?.said, event.said)
          }
        } else if (underWay.length > 0) {
          const [{ order, compared } = assert.fail()] = underWay.splice(step.which % underWay.length, 1)
          const { as } = step
          if (as === 'failed') continue
          compared.keep(compared.news.map(() => as))
          if (as === 'duplicate') continue
          for (const each of compared.news)
            stored.push({
              key: keyOf(each),
              at: each.event.occurredAt ?? Number.POSITIVE_INFINITY,
              order,
              said: each.said,
            })
        }
      }
    }),
  )
})
