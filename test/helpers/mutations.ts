import fc from 'fast-check'
import { canonicalItem, cloudEvent } from './events.ts'
import { conversationFixtures, fixture, foreignFixtures } from './fixtures.ts'

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/** Values that often break parsers. */
const hostile: readonly Json[] = [
  null,
  '',
  ' ',
  '../../etc',
  'a/b?c#d',
  '{id}',
  '__proto__',
  'constructor',
  'toString',
  'x'.repeat(200),
  'é\u0000\ud800',
  'v2.detail.events.conversation.x y.customer.start',
  'v2.detail.events.conversation.constructor.constructor',
  'v2.users.constructor.conversations',
  '2026-99-99T99:99:99Z',
  -1,
  1e308,
  0.5,
  [],
  {},
  [[]],
  { id: {} },
]

const plain: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(...conversationFixtures, ...foreignFixtures).map(fixture),
  fc.constant(
    canonicalItem({ id: 'event-1', occurredAt: '2026-02-03T10:15:30Z', attributes: { tier: 1, vip: true } }),
  ),
)

const base: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: plain },
  { weight: 1, arbitrary: plain.map((item) => cloudEvent(item, { time: '2026-02-03T10:15:30Z' })) },
  {
    weight: 1,
    arbitrary: plain.map((item) =>
      cloudEvent(undefined, { data_base64: Buffer.from(JSON.stringify(item)).toString('base64') }),
    ),
  },
)

const replacement = fc.oneof(fc.constantFrom(...hostile), fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>)

type Container = Record<string, unknown> | unknown[]
const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null

/** All objects and arrays inside a value, starting with the value. */
function containers(value: unknown): Container[] {
  return isContainer(value) ? [value, ...Object.values(value).flatMap(containers)] : []
}

interface Mutation {
  readonly containerIndex: number
  readonly keyIndex: number
  readonly action: 'replace' | 'remove' | 'add'
  readonly name: string
  readonly value: Json
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  containerIndex: fc.nat(),
  keyIndex: fc.nat(),
  action: fc.constantFrom('replace', 'replace', 'remove', 'add'),
  name: fc.oneof(
    fc.string(),
    fc.constantFrom('detail-type', 'topicName', 'type', 'event', 'participant', 'id', '__proto__'),
    fc.constantFrom('specversion', 'source', 'data', 'data_base64', 'datacontenttype', 'time'),
  ),
  value: replacement,
})

function mutate(item: unknown, { containerIndex, keyIndex, action, name, ...mutation }: Mutation): unknown {
  const value = structuredClone(mutation.value)
  const all = containers(item)
  const target = all[containerIndex % all.length]
  if (target === undefined) return item
  const names = Object.keys(target)
  const chosen = names[keyIndex % Math.max(1, names.length)] ?? name
  if (Array.isArray(target)) target.push(value)
  else if (action === 'remove') delete target[chosen]
  else if (action === 'replace') define(target, chosen, value)
  else define(target, name, value)
  return item
}

/** Like JSON.parse: `__proto__` becomes an own property. */
function define(target: object, name: string, value: Json): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })
}

/** Real envelopes with a few random mutations, and arbitrary JSON. */
export const anyItem: fc.Arbitrary<unknown> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(base, fc.array(mutation, { minLength: 1, maxLength: 3 }))
      .map(([item, mutations]) => mutations.reduce(mutate, structuredClone(item))),
  },
  { weight: 1, arbitrary: base },
  { weight: 2, arbitrary: fc.jsonValue() },
)
