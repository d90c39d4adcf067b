import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readEnvelope } from '../../src/ingest/envelopes/envelopes.ts'
import { conversationFixtures, fixture } from '../helpers/fixtures.ts'
import { rounds } from '../helpers/rounds.ts'

// Each real payload with one field changed to another type, form or spelling, or removed.

type Path = readonly (string | number)[]

const payloads = [
  ...conversationFixtures,
  'odd/callback-customer-start',
  'odd/same-call-from-eventbridge',
  'odd/queue-calls-snapshot-without-media-type',
  'odd/snapshot-all-media-arrays',
  'odd/topic-with-literal-id',
].map((name) => [name, fixture(name)] as const)

const canonical = {
  id: 'event-1',
  type: 'conversation:updated',
  topic: 'wrapup',
  occurredAt: '2026-02-03T10:15:30.250Z',
  conversationId: 'conversation-1',
  participantId: 'participant-1',
  participant: { purpose: 'customer', address: 'tel:+13175550100', attributes: { tier: 'gold' } },
  attributes: { language: 'de' },
  mediaType: 'voice',
  queueId: 'queue-1',
}

const items: readonly (readonly [string, Record<string, unknown>])[] = [...payloads, ['canonical', canonical]]

/** The paths of all fields, also inside objects and arrays. */
function pathsIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  const inside = Array.isArray(value)
    ? value.flatMap((each, index) => pathsIn(each, [...path, index]))
    : Object.entries(value).flatMap(([name, each]) => pathsIn(each, [...path, name]))
  return path.length === 0 ? inside : [path, ...inside]
}

/** Whether a field, or one inside it, decides the kind of event or its participant. All other fields are optional. */
const isIdentity = (path: Path): boolean => {
  const name = path.filter((step) => typeof step === 'string').join('.')
  return /^(type|conversationId|participantId|data|detail|detail-type|(detail\.)?(topicName|eventBody)|(detail\.)?eventBody\.(conversationId|participantId|id|participants|participants\.id)|)$/.test(
    name,
  )
}

const participantsOf = (path: Path): boolean => path.at(-2) === 'participants'

function changed(item: unknown, path: Path, value: unknown): Record<string, unknown> {
  const copy = structuredClone(item) as Record<string, unknown>
  let parent: Record<string | number, unknown> = copy
  for (const step of path.slice(0, -1)) parent = parent[step] as Record<string | number, unknown>
  const name = path.at(-1) ?? ''
  if (value === undefined && !Array.isArray(parent)) delete parent[name]
  else Object.defineProperty(parent, name, { value, enumerable: true, configurable: true, writable: true })
  return copy
}

const oddValue = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    '',
    ' ',
    0,
    -1,
    7,
    13175550100,
    1.5,
    true,
    false,
    [],
    {},
    [null],
    {
      id: {},
    },
  ),
  fc.constantFrom('${input.x}', '{{x}}', '$!{x}', 'VOICE', '2026-01-05 09:00:00', '1795760060'),
  fc.jsonValue({ maxDepth: 2 }),
)

const optionalFields = items.flatMap(([name, item]) =>
  pathsIn(item)
    .filter((path) => !isIdentity(path) && !participantsOf(path))
    .map((path) => ({ name, item, path })),
)

const idsOf = (item: unknown) => {
  const result = readEnvelope(item)
  return result.kind === 'events'
    ? result.drafts.map(({ type, conversationId, participantId }) => [type, conversationId, participantId])
    : result
}

test('property: an optional field never rejects an event or changes its participant', () => {
  fc.assert(
    fc.property(fc.constantFrom(...optionalFields), oddValue, ({ name, item, path }, value) => {
      const damaged = changed(item, path, value)
      const before = structuredClone(damaged)
      const result = readEnvelope(damaged)
      assert.ok(result.kind === 'events', `${name} ${path.join('.')}: ${JSON.stringify(result)}`)
      assert.deepEqual(result.rejected, [])
      assert.deepEqual(idsOf(damaged), idsOf(item))
      for (const draft of result.drafts) {
        assert.equal(draft.body, damaged, 'the original is kept')
        for (const [field, read] of Object.entries({ ...draft, ...draft.participant })) {
          if (['body', 'participantAsSent', 'participant', 'conversationEnded'].includes(field)) continue
          if (field === 'occurredAt') assert.equal(typeof read, 'number')
          else if (field === 'attributes')
            assert.ok(Object.values(read as object).every((each) => typeof each === 'string'))
          else assert.equal(typeof read, 'string', field)
        }
      }
      assert.deepEqual(damaged, before, 'the input is not modified')
    }),
    { numRuns: rounds(300) },
  )
})

const wordFields = ['mediaType', 'direction', 'purpose', 'state'] as const

test('property: rules see the same values for every letter case', () => {
  const spelt = optionalFields.filter(({ path }) => wordFields.some((field) => field === path.at(-1)))
  const valuesOf = (item: unknown) => {
    const result = readEnvelope(item)
    assert.ok(result.kind === 'events')
    return result.drafts.map(({ mediaType, direction, participant: { purpose } }) => [
      mediaType,
      direction,
      purpose,
    ])
  }
  fc.assert(
    fc.property(fc.constantFrom(...spelt), fc.boolean(), ({ item, path }, upper) => {
      const value = path.reduce<unknown>((at, step) => (at as Record<string | number, unknown>)[step], item)
      fc.pre(typeof value === 'string')
      const written = upper ? String(value).toUpperCase() : ` ${String(value)} `
      assert.deepEqual(valuesOf(changed(item, path, written)), valuesOf(item))
    }),
  )
})

const damagedId = fc.constantFrom<unknown>(
  '',
  5,
  true,
  {},
  [],
  'a/b',
  'a b',
  '{{id}}',
  '${id}',
  'x'.repeat(129),
)

test('property: an invalid id rejects only its own event, with its path', () => {
  const idFields = items.flatMap(([name, item]) =>
    pathsIn(item)
      .filter((path) => isIdentity(path) && /^(conversationId|participantId|id)$/.test(String(path.at(-1))))
      .map((path) => ({ name, item, path })),
  )
  fc.assert(
    fc.property(fc.constantFrom(...idFields), damagedId, ({ name, item, path }, value) => {
      const result = readEnvelope(changed(item, path, value))
      const problems =
        result.kind === 'invalid' ? result.problems : result.kind === 'events' ? result.rejected : []
      assert.deepEqual(
        problems.map((problem) => problem.path),
        [path.join('.')],
        `${name}: ${JSON.stringify(result)}`,
      )
      const others = readEnvelope(item)
      assert.ok(others.kind === 'events')
      const alone = path.includes('participants') && others.drafts.length > 1
      assert.equal(result.kind === 'events' ? result.drafts.length : 0, alone ? others.drafts.length - 1 : 0)
    }),
    { numRuns: rounds(150) },
  )
})
