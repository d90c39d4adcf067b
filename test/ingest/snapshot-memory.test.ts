import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { priorities } from '../../src/inbox/inbox.ts'
import type { ClassifiedEvent } from '../../src/ingest/classify-items.ts'
import { createSnapshotMemory } from '../../src/ingest/snapshot-memory.ts'
import { conversationEvent } from '../helpers/events.ts'
import { rulesOf } from '../helpers/rules.ts'

const rules = rulesOf('version: 1\nrules: []\n')

type SnapshotMemory = ReturnType<typeof createSnapshotMemory>
type SnapshotComparison = ReturnType<SnapshotMemory['compare']>

interface Snapshot {
  readonly topic?: string
  readonly conversationId?: string
  readonly at?: number | undefined
  /** State by participant id. */
  readonly states: Readonly<Record<string, unknown>>
}

const eventsOf = ({ topic = 't', conversationId = 'c', at, states }: Snapshot): ClassifiedEvent[] =>
  Object.entries(states).map(([participantId, participantAsSent]) => ({
    event: conversationEvent({
      topic,
      conversationId,
      participantId,
      ...(at !== undefined && { occurredAt: at }),
    }),
    priority: priorities.normal,
    participantAsSent,
  }))

const compare = (memory: SnapshotMemory, ...snapshots: Snapshot[]): SnapshotComparison =>
  memory.compare(snapshots.flatMap(eventsOf), rules)

const markStored = (compared: SnapshotComparison): void =>
  compared.markStored(compared.changed.map(() => 'accepted'))

const participantsIn = ({ changed }: SnapshotComparison): string =>
  changed.map(({ event }) => event.participantId).join('')

type Step = [
  snapshots: Snapshot | Snapshot[],
  changed: string,
  then?: 'stored' | 'not stored' | 'known to the inbox',
]

const sequences: Record<string, Step[]> = {
  'the first snapshot yields every participant, the next only the changed ones': [
    [{ states: { a: 1, b: 1, c: 1 } }, 'abc'],
    [{ states: { a: 1, b: 2, c: 1 } }, 'b'],
    [{ states: { a: 1, b: 2, c: 1 } }, ''],
    [{ states: { a: 1, b: 1, c: 1 } }, 'b'],
  ],
  'a joining participant is a change, a leaving one is not': [
    [{ states: { a: 1 } }, 'a'],
    [{ states: { a: 1, b: 1 } }, 'b'],
    [{ states: { b: 1 } }, ''],
  ],
  'every field counts': [
    [{ states: { a: { calls: [{ state: 'alerting' }] } } }, 'a'],
    [{ states: { a: { calls: [{ state: 'connected' }] } } }, 'a'],
    [{ states: { a: { calls: [{ state: 'connected' }] } } }, ''],
  ],
  'conversations and topics are separate': [
    [{ states: { a: 1 } }, 'a'],
    [{ states: { a: 1 }, conversationId: 'other' }, 'a'],
    [{ states: { a: 1 }, topic: 'other' }, 'a'],
    [{ states: { a: 1 } }, ''],
  ],
  'within one call, each snapshot is compared with the previous one': [
    [[{ states: { a: 1, b: 1 } }, { states: { a: 1, b: 2 } }, { states: { a: 1, b: 1 } }], 'abbb'],
    [{ states: { a: 1, b: 1 } }, ''],
  ],
  'after a failed store, both the new and the previous state count as changes': [
    [{ states: { a: 1, b: 1 } }, 'ab', 'not stored'],
    [{ states: { a: 1, b: 1 } }, 'ab'],
    [{ states: { a: 2, b: 1 } }, 'a', 'not stored'],
    [{ states: { a: 1, b: 1 } }, 'a'],
    [{ states: { a: 1, b: 1 } }, ''],
  ],
  'a duplicate in the inbox does not update the memory': [
    [{ states: { a: 1 } }, 'a'],
    [{ states: { a: 2 } }, 'a'],
    [{ states: { a: 1 } }, 'a', 'known to the inbox'],
    [{ states: { a: 1 } }, 'a'],
    [{ states: { a: 1 } }, ''],
  ],
  'after a late snapshot that differs, the next one is a change': [
    [{ at: 10, states: { a: 'A', b: 1 } }, 'ab'],
    [{ at: 20, states: { a: 'B', b: 1 } }, 'a'],
    [{ at: 10, states: { a: 'A', b: 1 } }, 'a'],
    [{ at: 30, states: { a: 'B', b: 1 } }, 'a'],
    [{ at: 40, states: { a: 'B', b: 1 } }, ''],
  ],
  'a late snapshot does not become the current state': [
    [{ at: 20, states: { a: 'B' } }, 'a'],
    [{ at: 10, states: { a: 'A' } }, 'a'],
    [{ at: 30, states: { a: 'A' } }, 'a'],
  ],
  'a late snapshot that is equal changes nothing': [
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
  'if only some snapshots have a time, every change yields an event': [
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
    for (const [index, [snapshots, changed, then = 'stored']] of steps.entries()) {
      const compared = compare(memory, ...[snapshots].flat())
      assert.equal(participantsIn(compared), changed, `step ${index + 1}`)
      const result = then === 'stored' ? 'accepted' : 'duplicate'
      if (then !== 'not stored') compared.markStored(compared.changed.map(() => result))
    }
  })
}

test('an event that is not from a snapshot always passes, in order', () => {
  const memory = createSnapshotMemory()
  const plain: ClassifiedEvent = {
    event: conversationEvent({ participantId: 'x' }),
    priority: priorities.high,
    participantAsSent: undefined,
  }
  const call = () => memory.compare([plain, ...eventsOf({ states: { a: 1 } }), plain], rules)
  const first = call()
  assert.equal(participantsIn(first), 'xax')
  markStored(first)
  assert.deepEqual(call().changed, [plain, plain])
})

test('while a call is not stored, other calls ignore its state', () => {
  const memory = createSnapshotMemory()
  markStored(compare(memory, { states: { a: 1, b: 1 } }))
  const first = compare(memory, { states: { a: 2, b: 1 } })
  const second = compare(memory, { states: { a: 1, b: 1 } })
  assert.deepEqual([first, second].map(participantsIn), ['a', 'a'])
  markStored(second)
  markStored(first)
  assert.equal(participantsIn(compare(memory, { states: { a: 1, b: 1 } })), '', 'the second call counts')
})

test('new rules get every participant, even if a call with the old rules is still being stored', () => {
  const memory = createSnapshotMemory()
  const events = eventsOf({ states: { a: 1, b: 1 } })
  markStored(memory.compare(events, rules))
  const underWay = memory.compare(eventsOf({ states: { a: 2 } }), rules)
  const others = rulesOf('version: 1\nrules: []\n')
  const first = memory.compare(events, others)
  assert.equal(participantsIn(first), 'ab')
  markStored(underWay)
  assert.equal(participantsIn(memory.compare(events, others)), 'ab')
  markStored(first)
})

test('at most maxParticipants are kept; the least recently seen one counts as changed', () => {
  const memory = createSnapshotMemory({ maxParticipants: 3 })
  markStored(compare(memory, { states: { a: 1, b: 1, c: 1 } }))
  assert.equal(participantsIn(compare(memory, { states: { a: 1 } })), '')
  markStored(compare(memory, { states: { d: 1 } }))
  assert.equal(participantsIn(compare(memory, { states: { a: 1, c: 1, d: 1 } })), '')
  assert.equal(participantsIn(compare(memory, { states: { b: 1 } })), 'b')
})

test('a call may have more participants than maxParticipants', () => {
  const memory = createSnapshotMemory({ maxParticipants: 2 })
  const all = { states: { a: 1, b: 1, c: 1, d: 1 } }
  for (let call = 0; call < 3; call += 1) {
    const compared = compare(memory, all)
    assert.ok(compared.changed.length >= 2)
    markStored(compared)
  }
})

const anyStates = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 3 }), {
  minKeys: 1,
})
const anyConversation = { topic: fc.constantFrom('t', 'u'), conversationId: fc.constantFrom('c', 'd') }

const keyOf = ({ event }: ClassifiedEvent): string =>
  `${event.topic}/${event.conversationId}/${event.participantId}`

test('property: exactly the participants that differ from their last stored state are changed', () => {
  const call = fc.record({
    snapshots: fc.array(fc.record({ ...anyConversation, states: anyStates }), { minLength: 1, maxLength: 3 }),
    stored: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(call, { maxLength: 20 }), (calls) => {
      const memory = createSnapshotMemory()
      const last = new Map<string, unknown>()
      // After a failed call, the next snapshot of its participants always counts as a change.
      const doubtful = new Set<string>()
      for (const { snapshots, stored } of calls) {
        const events = snapshots.flatMap(eventsOf)
        const inThisCall = new Map<string, unknown>()
        const expected = events.filter((event) => {
          const key = keyOf(event)
          const before = inThisCall.get(key) ?? (doubtful.has(key) ? undefined : last.get(key))
          if (event.participantAsSent === before) return false
          inThisCall.set(key, event.participantAsSent)
          return true
        })
        const compared = memory.compare(events, rules)
        assert.deepEqual(compared.changed, expected)
        if (stored) markStored(compared)
        for (const [key, participantAsSent] of inThisCall) {
          if (stored) last.set(key, participantAsSent)
          if (stored) doubtful.delete(key)
          else doubtful.add(key)
        }
      }
    }),
  )
})

test('property: with late snapshots, overlapping calls and failures, a skipped event always equals the latest stored state', () => {
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
      const stored: { key: string; at: number; order: number; participantAsSent: unknown }[] = []
      const underWay: { order: number; compared: SnapshotComparison }[] = []
      for (const [order, step] of steps.entries()) {
        if (step.kind === 'compare') {
          const events = eventsOf(step)
          const compared = memory.compare(events, rules)
          underWay.push({ order, compared })
          for (const event of events.filter((each) => !compared.changed.includes(each))) {
            const counting = stored
              .filter(({ key }) => key === keyOf(event))
              .sort((one, other) => one.at - other.at || one.order - other.order)
              .at(-1)
            assert.deepEqual(counting?.participantAsSent, event.participantAsSent)
          }
        } else if (underWay.length > 0) {
          const [{ order, compared } = assert.fail()] = underWay.splice(step.which % underWay.length, 1)
          const { as } = step
          if (as === 'failed') continue
          compared.markStored(compared.changed.map(() => as))
          if (as === 'duplicate') continue
          for (const each of compared.changed)
            stored.push({
              key: keyOf(each),
              at: each.event.occurredAt ?? Number.POSITIVE_INFINITY,
              order,
              participantAsSent: each.participantAsSent,
            })
        }
      }
    }),
  )
})
