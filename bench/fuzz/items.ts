import { canonicalItem, cloudEvent } from '../../test/helpers/events.ts'
import { conversationFixtures, fixture, foreignFixtures } from '../../test/helpers/fixtures.ts'
import type { Random } from './random.ts'

/** Placeholder for text that JSON.stringify cannot produce; see `mutate-text.ts`. */
export const rawMark = '@raw@'

/** Values that often break parsers, and wrong types. */
const hostileValues: readonly [unknown, ...unknown[]] = [
  null,
  { length: { toString: 1 } },
  true,
  false,
  0,
  -1,
  -0,
  0.1,
  1e308,
  -1e308,
  2 ** 53 + 2,
  8.64e15 + 1,
  '',
  ' ',
  '\0',
  '\ud800',
  '\udfff\ud800',
  '\u2028\u202e',
  'x'.repeat(300),
  '😀'.repeat(70),
  '../../../etc/passwd',
  '..%2f..%2fadmin',
  'a/b?c#d',
  'a\\b',
  'id\r\nX-Injected: 1',
  '${7*7}',
  "'; DROP TABLE events; --",
  '__proto__',
  'constructor',
  'toString',
  'v2.detail.events.conversation.x.customer.start',
  'v2.detail.events.conversation.constructor.constructor',
  'v2.users.__proto__.conversations',
  `v2.detail.events.conversation.${'a.'.repeat(200)}`,
  '2026-99-99T99:99:99Z',
  '0000-00-00T00:00',
  `2026-01-01T00:00:00.${'9'.repeat(100)}Z`,
  'tel:+1317555010099999999999999999999999999',
  'sip:\u0000@[::]:99999;user=phone',
  [],
  {},
  [[]],
  [null],
  { id: {} },
  { length: 1e9 },
  { toString: 1, valueOf: null, toJSON: 'x' },
  JSON.parse('{"then":1}'),
  Array.from({ length: 120 }, (_, index) => ({ id: `p-${index}`, purpose: 'customer' })),
  rawMark,
  rawMark,
]

const names: readonly [string, ...string[]] = [
  'detail-type',
  'topicName',
  'eventBody',
  'type',
  'event',
  'topic',
  'participant',
  'participants',
  'participantId',
  'conversationId',
  'attributes',
  'occurredAt',
  'id',
  'identity',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'toJSON',
  '',
  '\ud800',
  'specversion',
  'source',
  'data',
  'data_base64',
  'datacontenttype',
  'time',
]

const fixtures = [...conversationFixtures, ...foreignFixtures].map(fixture)
const [firstFixture = {}] = fixtures

/** A valid event in one of the envelopes. Few conversations, many ids. */
export function goodItem(random: Random, number: number): Record<string, unknown> {
  const form = random.int(10)
  const known = fixtures[random.int(fixtures.length)] ?? firstFixture
  if (form < 4) return { ...structuredClone(known), ...('id' in known && { id: idOf(random, number) }) }
  const conversation = random.int(40)
  return canonicalItem({
    type: random.chance(0.5) ? 'conversation:created' : 'conversation:updated',
    id: idOf(random, number),
    conversationId: `conversation-${conversation}`,
    participantId: `participant-${conversation}`,
    ...(form < 6 && { occurredAt: 1_770_000_000_000 + number, attributes: { tier: number % 5, vip: true } }),
    mark: number % 7,
  })
}

/** One in ten repeats an earlier id. */
const idOf = (random: Random, number: number): string =>
  `fuzz-${random.chance(0.1) ? random.int(number + 1) : number}-${random.int(3)}`

/** An event in a CloudEvent, with data as JSON or base64. */
export function goodCloudEvent(random: Random, number: number): Record<string, unknown> {
  const item = goodItem(random, number)
  const own = {
    id: `ce-${idOf(random, number)}`,
    ...(random.chance(0.5) && { time: '2026-02-03T10:15:30Z' }),
  }
  return random.chance(0.7)
    ? cloudEvent(item, own)
    : cloudEvent(undefined, { ...own, data_base64: Buffer.from(JSON.stringify(item)).toString('base64') })
}

/** Mutates a value in place, up to three times. */
export function mutate(item: Record<string, unknown>, random: Random): Record<string, unknown> {
  const times = random.int(4)
  for (let time = 0; time < times; time += 1) mutateOnce(item, random)
  return item
}

function mutateOnce(item: object, random: Random): void {
  const target = containerIn(item, random)
  const value = structuredClone(random.pick(hostileValues))
  if (Array.isArray(target)) {
    target.push(value)
    return
  }
  const keys = Object.keys(target)
  const key = keys[random.int(Math.max(1, keys.length))]
  const action = random.int(5)
  if (action === 0 && key !== undefined) Reflect.deleteProperty(target, key)
  // Like JSON.parse: `__proto__` becomes an own property.
  const name = action < 4 && key !== undefined ? key : random.pick(names)
  if (action !== 0)
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })
}

/** A random object or array inside the value. */
function containerIn(value: object, random: Random): object {
  let container = value
  while (random.chance(0.6)) {
    const inner = Object.values(container).filter((child) => typeof child === 'object' && child !== null)
    const next = inner[random.int(Math.max(1, inner.length))]
    if (next === undefined) break
    container = next
  }
  return container
}
