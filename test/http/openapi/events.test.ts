import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readDeclaredCloudEvent, readEnvelope } from '../../../src/ingest/envelopes/envelopes.ts'
import { openApiDocument, validatorOf } from '../../helpers/description.ts'
import { canonicalItem } from '../../helpers/events.ts'
import { conversationFixtures, fixture, foreignFixtures } from '../../helpers/fixtures.ts'
import { anyItem } from '../../helpers/mutations.ts'
import { rounds } from '../../helpers/rounds.ts'

const problemsWith = validatorOf(await openApiDocument(), { strict: false })
const described = (name: string, value: unknown): boolean =>
  problemsWith({ $ref: `#/components/schemas/${name}` }, value).length === 0

/** Not in the schemas: whether a time exists, the characters of an id in a topic, the content of base64. */
const beyondSchemas = /^data_base64|(^|\.)(topicName|conversationId)$/

/** Marker fields of several envelopes in one item or in its data. The service reads one of them; the schemas do not match. */
function isHybrid(item: unknown): boolean {
  if (typeof item !== 'object' || item === null) return false
  const marks = ['detail-type', 'topicName', 'conversationId', 'specversion'].filter((name) => name in item)
  const { detail, data } = item as Record<string, unknown>
  return marks.length > 1 || isHybrid(detail) || isHybrid(data)
}

/** The webhook does not accept `__proto__` as an attribute name, but the schema does. */
const withoutPrototypes = (item: unknown): unknown =>
  JSON.parse(JSON.stringify(item), (name, value) => (name === '__proto__' ? undefined : value))

for (const name of [...conversationFixtures, ...foreignFixtures]) {
  test(`${name} matches its schema`, () => {
    assert.ok(described('Event', fixture(name)))
  })
}

test('property: an event that matches the schemas is accepted, and an accepted event matches or has odd fields', () => {
  const seen = { events: 0, odd: 0, refused: 0 }
  fc.assert(
    fc.property(anyItem, (any) => {
      const item = withoutPrototypes(any)
      fc.pre(!isHybrid(item))
      const result = readEnvelope(item)
      const fits = described('Event', item)
      if (result.kind === 'events') {
        seen.events += 1
        const isOdd = result.odd.length + result.rejected.length > 0
        if (isOdd) seen.odd += 1
        assert.ok(fits || isOdd, 'it is accepted without odd fields, but not described')
      } else if (
        result.kind === 'invalid' &&
        !result.problems.every(({ path }) => beyondSchemas.test(path))
      ) {
        seen.refused += 1
        assert.ok(!fits, `it is described, but refused: ${JSON.stringify(result.problems)}`)
      }
    }),
    { numRuns: rounds(1_500) },
  )
  assert.ok(
    Object.values(seen).every((count) => count > 100),
    JSON.stringify(seen),
  )
})

for (const [what, changes] of [
  ['with data', { data: canonicalItem() }],
  ['with data in base64', { data_base64: Buffer.from(JSON.stringify(canonicalItem())).toString('base64') }],
  ['with a notification as data', { data: fixture('notification-queue-conversation') }],
  ['without data', {}],
  ['with data that is not an event', { data: { a: 1 } }],
] as const) {
  test(`a CloudEvent ${what} matches the schema if and only if the webhook accepts it`, () => {
    const event = { specversion: '1.0', id: '1', source: '/s', type: 't', ...changes }
    const item = JSON.parse(JSON.stringify(event))
    assert.equal(described('CloudEvent', item), readDeclaredCloudEvent(item).kind !== 'invalid')
  })
}

for (const [what, changes, isDescribed] of [
  ['of another version', { specversion: '0.3' }, true],
  ['without id', { id: undefined }, true],
  ['without source', { source: undefined }, true],
  ['with data as text', { data: JSON.stringify(canonicalItem()) }, false],
] as const) {
  test(`a CloudEvent ${what} is accepted and ${isDescribed ? 'matches' : 'does not match'} the schema`, () => {
    const event = { specversion: '1.0', id: '1', source: '/s', type: 't', data: canonicalItem(), ...changes }
    const item = JSON.parse(JSON.stringify(event))
    assert.equal(described('CloudEvent', item), isDescribed)
    assert.equal(readDeclaredCloudEvent(item).kind, 'events')
  })
}
