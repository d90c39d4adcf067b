import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isUnfilledTemplate, lowerCaseUuid, timeOf, word } from '../../src/values/normal-forms.ts'
import { rounds } from '../helpers/rounds.ts'

const at = Date.parse('2026-01-05T09:00:00Z')

for (const [written, expected] of [
  [at, at],
  [at + 0.75, at],
  [at / 1_000, at],
  [at / 1_000 + 0.25, at + 250],
  [at * 1_000, at],
  [at * 1_000_000, at],
  [String(at), at],
  [String(at / 1_000), at],
  [`${at / 1_000}.5`, at + 500],
  ['2026-01-05T09:00:00Z', at],
  ['2026-01-05T09:00Z', at],
  ['2026-01-05T09:00:00', at],
  ['2026-01-05 09:00:00', at],
  ['2026-01-05 09:00:00.250', at + 250],
  ['2026-01-05 09:00:00 +00:00', at],
  ['2026-01-05t09:00:00z', at],
  ['2026-01-05T10:00:00.250+01:00', at + 250],
  ['2026-01-05T10:00:00+0100', at],
  ['2026-01-05T10:00:00+01', at],
  ['2026-01-05T09:00:00.123456789Z', at + 123],
  ['2026-01-05T09:00:00,5Z', at + 500],
  ['20260105T090000Z', at],
  ['2026-01-05', Date.parse('2026-01-05T00:00:00Z')],
  ['Mon, 05 Jan 2026 09:00:00 GMT', at],
  ['Mon, 05 Jan 2026 10:00:00 +0100', at],
  [' 2026-01-05T09:00:00Z ', at],
] as const) {
  test(`timeOf reads ${JSON.stringify(written)}`, () => assert.equal(timeOf(written), expected))
}

for (const written of [
  '',
  ' ',
  'soon',
  '10:15',
  '2026-13-45T10:15:00Z',
  '2026-02-30T10:15:00Z',
  '1970-01-01T00:00:00Z',
  '1999-12-31T23:59:59Z',
  '2100-01-01T00:00:00Z',
  '202601050910',
  '20260105091000',
  '639032010000000000',
  '134121234000000000',
  '1972-12-31',
  '0001-01-01T00:00:00',
  'Thu, 01 Jan 1970 00:00:00 GMT',
  '5',
  0,
  1,
  -1,
  Number.NaN,
  1e300,
  true,
  {},
  [],
  null,
]) {
  test(`${JSON.stringify(written)} is not a time`, () => assert.equal(timeOf(written), undefined))
}

test('property: timeOf gives the same result for every unit, form and quoting', () => {
  const time = fc.integer({ min: Date.parse('2000-01-02'), max: Date.parse('2099-12-31') })
  fc.assert(
    fc.property(time, (epochMs) => {
      const iso = new Date(epochMs).toISOString()
      for (const written of [epochMs, String(epochMs), epochMs / 1_000, epochMs * 1_000, iso])
        assert.ok(Math.abs((timeOf(written) ?? 0) - epochMs) <= 1, String(written))
      for (const written of [iso.replace('T', ' '), iso.slice(0, -1), iso.toLowerCase()])
        assert.equal(timeOf(written), epochMs, written)
      assert.equal(timeOf(new Date(epochMs).toUTCString()), Math.trunc(epochMs / 1_000) * 1_000)
    }),
  )
})

test('property: timeOf never throws for a string or number', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.double(), fc.stringMatching(/^[-+:TZ.,\d ]+$/)), (written) => {
      const time = timeOf(written)
      assert.ok(time === undefined || !Number.isNaN(new Date(time).getTime()))
    }),
    { numRuns: rounds(600) },
  )
})

test('lowerCaseUuid changes only UUIDs', () => {
  const upper = 'A7D1C2B3-4444-4F4F-8A8A-0123456789AB'
  assert.equal(lowerCaseUuid(upper), upper.toLowerCase())
  assert.equal(lowerCaseUuid('Queue-A'), 'Queue-A')
})

test('word returns lower case without surrounding spaces, and undefined for an empty string', () => {
  assert.equal(word(' VOICE '), 'voice')
  assert.equal(word(' '), undefined)
})

for (const template of [
  '${input.queueId}',
  '$!{input.queueId}',
  '$esc.jsonString(${input.address})',
  '$!esc.jsonString($!{input.address})',
  '$input.address',
  '{{queueId}}',
  '{{ conversation.id }}',
  '<aws.events.event.json>',
  ' ${x} ',
]) {
  test(`${template} is an unfilled template`, () => assert.ok(isUnfilledTemplate(template)))
}

for (const text of [
  '',
  'a ${x}',
  '$5',
  '<b>',
  '{id}',
  'tel:+13175550100',
  '{"a":1}',
  '<aws>',
  '$100 (input)',
]) {
  test(`${JSON.stringify(text)} is a value, not a template`, () => assert.ok(!isUnfilledTemplate(text)))
}

test('regression: a string of a megabyte took quadratic time', () => {
  const start = performance.now()
  assert.equal(timeOf(`2026-01${' '.repeat(1_000_000)}x`), undefined)
  assert.ok(performance.now() - start < 1_000)
})
