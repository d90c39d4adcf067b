import assert from 'node:assert/strict'
import { test } from 'node:test'
import { conversationEvent } from '../../helpers/events.ts'
import { evaluated, failureOf, mistakeOf } from '../../helpers/expressions.ts'

const at = (time: string) => ({ event: conversationEvent({ occurredAt: Date.parse(time) }) })
const isoOf = (value: unknown): string => (value instanceof Date ? value.toISOString() : String(value))

for (const [moment, expression, expected] of [
  ['2026-01-05T08:30:59.999Z', 'timeOfDay(event.occurredAt, "Europe/Berlin")', '09:30'],
  ['2026-01-05T23:30:00Z', 'timeOfDay(event.occurredAt, "Europe/Berlin")', '00:30'],
  ['2026-01-05T23:30:00Z', 'dateOf(event.occurredAt, "Europe/Berlin")', '2026-01-06'],
  ['2026-01-05T23:30:00Z', 'dateOf(event.occurredAt, "America/New_York")', '2026-01-05'],
  ['2026-01-05T23:30:00Z', 'weekday(event.occurredAt, "Europe/Berlin")', 'tue'],
  ['2026-01-05T23:30:00Z', 'weekday(event.occurredAt, "UTC")', 'mon'],
  ['2026-01-04T12:00:00Z', 'weekday(event.occurredAt, "UTC")', 'sun'],
  ['2026-01-05T18:45:00Z', 'timeOfDay(event.occurredAt, "Asia/Kathmandu")', '00:30'],
  ['2026-01-05T18:45:30Z', 'startOf(event.occurredAt, "hour", "Asia/Kathmandu")', '2026-01-05T18:15:00.000Z'],
  ['2026-01-05T18:45:30Z', 'startOf(event.occurredAt, "hour", "UTC")', '2026-01-05T18:00:00.000Z'],
  ['2026-01-05T18:45:30Z', 'startOf(event.occurredAt, "day", "Europe/Berlin")', '2026-01-04T23:00:00.000Z'],
  ['2026-01-11T18:45:30Z', 'startOf(event.occurredAt, "week", "UTC")', '2026-01-05T00:00:00.000Z'],
  ['2026-01-11T18:45:30Z', 'startOf(event.occurredAt, "month", "UTC")', '2026-01-01T00:00:00.000Z'],
  // The nights in which New York changes from 2:00 to 3:00 and back from 2:00 to 1:00
  ['2026-03-08T06:59:00Z', 'timeOfDay(event.occurredAt, "America/New_York")', '01:59'],
  ['2026-03-08T07:00:00Z', 'timeOfDay(event.occurredAt, "America/New_York")', '03:00'],
  [
    '2026-03-08T20:00:00Z',
    'startOf(event.occurredAt, "day", "America/New_York")',
    '2026-03-08T05:00:00.000Z',
  ],
  [
    '2026-03-09T12:00:00Z',
    'startOf(event.occurredAt, "day", "America/New_York")',
    '2026-03-09T04:00:00.000Z',
  ],
  [
    '2026-03-31T12:00:00Z',
    'startOf(event.occurredAt, "month", "America/New_York")',
    '2026-03-01T05:00:00.000Z',
  ],
  [
    '2026-11-01T05:30:00Z',
    'startOf(event.occurredAt, "hour", "America/New_York")',
    '2026-11-01T05:00:00.000Z',
  ],
  [
    '2026-11-01T06:30:00Z',
    'startOf(event.occurredAt, "hour", "America/New_York")',
    '2026-11-01T06:00:00.000Z',
  ],
  [
    '2026-11-01T20:00:00Z',
    'startOf(event.occurredAt, "day", "America/New_York")',
    '2026-11-01T04:00:00.000Z',
  ],
  [
    '2026-11-03T12:00:00Z',
    'startOf(event.occurredAt, "week", "America/New_York")',
    '2026-11-02T05:00:00.000Z',
  ],
  // Nights without midnight
  [
    '2017-10-15T12:00:00Z',
    'startOf(event.occurredAt, "day", "America/Sao_Paulo")',
    '2017-10-15T03:00:00.000Z',
  ],
  ['2024-04-26T12:00:00Z', 'startOf(event.occurredAt, "day", "Africa/Cairo")', '2024-04-25T22:00:00.000Z'],
  // An offset from UTC with seconds
  ['1890-01-01T12:00:00Z', 'timeOfDay(event.occurredAt, "Europe/Berlin")', '12:53'],
  // CEL getters
  ['2026-12-31T23:30:05.007Z', 'event.occurredAt.getFullYear("Europe/Berlin")', '2027'],
  ['2026-12-31T23:30:05.007Z', 'event.occurredAt.getMonth("Europe/Berlin")', '0'],
  ['2026-12-31T23:30:05.007Z', 'event.occurredAt.getDate("Europe/Berlin")', '1'],
  ['2026-12-31T23:30:05.007Z', 'event.occurredAt.getDayOfMonth("Europe/Berlin")', '0'],
  ['2026-12-31T23:30:05.007Z', 'event.occurredAt.getDayOfYear("Europe/Berlin")', '0'],
  ['2026-12-31T23:30:05.007Z', 'event.occurredAt.getDayOfYear("UTC")', '364'],
  ['2026-12-31T23:30:05.007Z', 'event.occurredAt.getDayOfYear()', '364'],
  ['2026-07-01T00:00:00Z', 'event.occurredAt.getDayOfYear()', '181'],
  ['2026-01-03T23:30:05.007Z', 'event.occurredAt.getDayOfWeek("Europe/Berlin")', '0'],
  ['2026-12-31T23:30:05.007Z', 'event.occurredAt.getHours("Europe/Berlin")', '0'],
  ['2026-12-31T23:30:05.007Z', 'event.occurredAt.getMinutes("Asia/Kolkata")', '0'],
  ['2026-12-31T23:30:05.007Z', 'event.occurredAt.getSeconds("Asia/Kolkata")', '5'],
  ['2026-12-31T23:30:05.007Z', 'event.occurredAt.getMilliseconds("Asia/Kolkata")', '7'],
  ['2026-12-31T23:30:05.007Z', '"at " + string(event.occurredAt)', 'at 2026-12-31T23:30:05.007Z'],
] as const) {
  test(`at ${moment} ${expression} is ${expected}`, () => {
    assert.equal(isoOf(evaluated(expression, at(moment))), expected)
  })
}

for (const [source, marked, message] of [
  ['timeOfDay(event.occurredAt, "Europe/Berln")', '"Europe', /did you mean "Europe\/Berlin"\?$/],
  ['timeOfDay(event.occurredAt, "EST")', '"EST"', /^there is no time zone "EST": use a name such as/],
  ['timeOfDay(event.occurredAt, "+01:00")', '"+01', /^there is no time zone/],
  ['timeOfDay(event.occurredAt, "")', '""', /^there is no time zone/],
  ['timeOfDay(event.occurredAt, event.id)', 'event.id', /^timeOfDay\(\) needs a quoted text here/],
  ['dateOf(event.occurredAt, "x/y")', '"x/y"', /^there is no time zone/],
  ['weekday(event.occurredAt, "x/y")', '"x/y"', /^there is no time zone/],
  ['event.occurredAt.getHours("x/y")', '"x/y"', /^there is no time zone/],
  ['event.occurredAt.getHours(event.id)', 'event.id', /^getHours\(\) needs a quoted text here/],
  ['startOf(event.occurredAt, "day", "x/y")', '"x/y"', /^there is no time zone/],
  ['startOf(event.occurredAt, "dya", "UTC")', '"dya"', /^there is no unit "dya": use "hour", "day"/],
  ['startOf(event.occurredAt, event.id, "UTC")', 'event.id', /^startOf\(\) needs a quoted text here/],
] as const) {
  test(`${source} does not compile`, () => {
    const mistake = mistakeOf(source)
    assert.match(mistake.message, message)
    assert.ok(source.slice(mistake.offset).startsWith(marked), source.slice(mistake.offset))
  })
}

test('a missing or invalid time fails', () => {
  assert.equal(failureOf('timeOfDay(event.occurredAt, "UTC")'), 'no_such_key')
  const impossible = 'timeOfDay(event.occurredAt + duration("999999999999h"), "UTC")'
  assert.equal(failureOf(impossible, at('2026-01-05T09:00:00Z')), 'invalid_timestamp')
})

test('regression: a time too far in the future for a date in the zone fails, instead of giving "Invalid DateTime"', () => {
  const last = { event: conversationEvent({ occurredAt: 8.64e15 }) }
  for (const call of ['timeOfDay', 'dateOf', 'weekday'])
    assert.equal(failureOf(`${call}(event.occurredAt, "Asia/Tokyo")`, last), 'invalid_timestamp')
  assert.equal(failureOf('startOf(event.occurredAt, "day", "Asia/Tokyo")', last), 'invalid_timestamp')
})
