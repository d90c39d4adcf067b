import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { maxDepth, openCarrier, openCarriers } from '../../../src/ingest/carriers/carriers.ts'
import { everyCarrier, firehose, records } from '../../helpers/carriers.ts'
import { canonicalItem, cloudEvent } from '../../helpers/events.ts'
import { conversationFixtures, fixture } from '../../helpers/fixtures.ts'
import { anyItem } from '../../helpers/mutations.ts'
import { rounds } from '../../helpers/rounds.ts'
import { read } from './harness.ts'

const envelope = fc.oneof(
  fc.constantFrom(...conversationFixtures).map(fixture),
  fc.constant(canonicalItem()),
  fc.constant(canonicalItem({ id: 'own', occurredAt: '2026-02-03T10:15:30Z' })),
  fc.constant(cloudEvent(canonicalItem())),
)
const carrier = fc.constantFrom(...Object.entries(everyCarrier))

const carrierFields = Object.values(everyCarrier).flatMap((wrap) => Object.entries(wrap(canonicalItem(), 1)))
/** Fields of carriers with their usual values, and any other fields. */
const furtherFields = fc.oneof(
  fc.subarray(carrierFields).map((fields) => Object.fromEntries(fields)),
  fc.constantFrom(...Object.values(everyCarrier)).map((wrap) => wrap(canonicalItem(), 1)),
  fc.dictionary(
    fc.constantFrom(
      'message',
      'data',
      'body',
      'records',
      'Records',
      'Message',
      'Type',
      'detail',
      'requestContext',
    ),
    fc.jsonValue(),
  ),
)

test('property: an envelope with fields of carriers is never taken for a carrier', () => {
  fc.assert(
    fc.property(envelope, furtherFields, (item, fields) => {
      assert.equal(openCarrier({ ...fields, ...item }), undefined)
      const items = [{ ...fields, ...item }]
      assert.equal(openCarriers(items).items, items)
    }),
    { numRuns: rounds(600) },
  )
})

test('property: an envelope in up to three carriers is the same event as alone', () => {
  fc.assert(
    fc.property(envelope, fc.array(carrier, { minLength: 1, maxLength: 3 }), (item, carriers) => {
      // Each of these is two carriers: the event of Lambda, and what is in it.
      const twofold = carriers.filter(([name]) => name === 'CloudWatch Logs, as Lambda gets them').length
      fc.pre(carriers.length + twofold <= maxDepth)
      const wrapped = carriers.reduce<unknown>((message, [, wrap], n) => wrap(message, n), item)
      const facts = (body: unknown) => read(body).events.map(({ identity, ...event }) => event)
      assert.deepEqual(facts(wrapped), facts(item))
      const own = read(item).identities
      if (!own.some((identity) => identity.startsWith('body:')))
        assert.deepEqual(read(wrapped).identities, own)
    }),
    { numRuns: rounds(600) },
  )
})

test('property: any JSON in and around carriers is read without an error, and nothing disappears', () => {
  const list = fc.array(anyItem, { maxLength: 3 })
  const body = fc.oneof(
    fc.tuple(carrier, anyItem).map(([[, wrap], item]) => wrap(item, 1)),
    list.map((items) => records(...items)),
    list.map((items) => firehose(...items)),
    fc.tuple(carrier, fc.jsonValue(), fc.nat()).map(([[, wrap], value, position]) => {
      const outer = wrap(canonicalItem(), 1)
      const names = Object.keys(outer)
      return { ...outer, [names[position % names.length] ?? '']: value }
    }),
  )
  fc.assert(
    fc.property(body, (item) => {
      const { events, rejected, ignored } = read(item)
      assert.ok(events.length + rejected.length + ignored > 0)
    }),
    { numRuns: rounds(900) },
  )
})
