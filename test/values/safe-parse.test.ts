import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { safeParse } from '../../src/values/safe-parse.ts'

const schema = z.object({
  name: z.string().min(1).max(20),
  ids: z.array(z.string().max(5)).min(1),
  text: z.union([z.string().max(3), z.boolean()]).optional(),
  other: z.unknown(),
})
const valid = { name: 'a', ids: ['b'], text: true, other: { length: { toString: 1 } } }
const odd = { length: { toString: 1, valueOf: null } }

test('a length that is not a number makes a value invalid at its path', () => {
  for (const [path, value] of [
    ['name', { ...valid, name: odd }],
    ['ids', { ...valid, ids: odd }],
    ['ids.0', { ...valid, ids: [odd] }],
    ['text', { ...valid, text: odd }],
    ['', odd],
  ] as const) {
    const { success, error } = safeParse(schema, value)
    assert.equal(success, false)
    assert.ok(
      error?.issues.some((issue) => issue.path.join('.').startsWith(path)),
      path,
    )
  }
})

test('a valid value keeps such an object where any value may be', () => {
  assert.deepEqual(safeParse(schema, valid).data, valid)
})

test('no JSON value makes it throw', () => {
  const key = fc.constantFrom('name', 'ids', 'text', 'length', 'toString', 'valueOf', '__proto__')
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, true, 0, '', 'a', '0123456789'),
      fc.array(tie('json'), { maxLength: 3 }),
      fc
        .array(fc.tuple(key, tie('json')), { maxLength: 5 })
        .map((entries) => JSON.parse(JSON.stringify(Object.fromEntries(entries)))),
    ),
  }))
  fc.assert(fc.property(json, (value) => typeof safeParse(schema, value).success === 'boolean'))
})

test('an error of a schema itself is thrown', () => {
  const broken = z.string().transform((): string => {
    throw new TypeError('broken')
  })
  assert.throws(() => safeParse(broken, 'a'), /broken/)
})
