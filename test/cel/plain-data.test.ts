import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { plainData } from '../../src/cel/plain-data.ts'

test('data without a constructor key is returned unchanged', () => {
  const data = JSON.parse('{"a":[1,"x",null,{"b":true}],"__proto__":{"c":1},"toString":2}')
  const before = structuredClone(data)
  assert.equal(plainData(data), data)
  assert.deepEqual(data, before)
  for (const value of [undefined, null, 1, 'x', true]) assert.equal(plainData(value), value)
})

test('a constructor key turns all objects of a copy into Maps and leaves the original unchanged', () => {
  const data = JSON.parse('{"a":[{"constructor":null,"b":1}],"c":[2]}')
  const before = structuredClone(data)
  assert.deepEqual(
    plainData(data),
    new Map<string, unknown>([
      [
        'a',
        [
          new Map([
            ['constructor', null],
            ['b', 1],
          ]),
        ],
      ],
      ['c', [2]],
    ]),
  )
  assert.deepEqual(data, before)
})

test('values nested too deeply are removed without a stack overflow', () => {
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ] as const) {
    const deep = plainData(JSON.parse(`${open.repeat(50_000)}1${close.repeat(50_000)}`))
    let depth = 0
    for (let value: unknown = deep; typeof value === 'object' && value !== null; depth += 1)
      value = value instanceof Map ? value.get('a') : Array.isArray(value) ? value[0] : undefined
    assert.ok(depth > 50 && depth < 200, String(depth))
  }
})

test('property: no object of the result has an own constructor key', () => {
  const key = fc.oneof(fc.constantFrom('constructor', '__proto__', 'a'), fc.string())
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      fc.jsonValue({ maxDepth: 1 }),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 3 }),
    ),
  }))
  const sound = (value: unknown): boolean => {
    if (typeof value !== 'object' || value === null) return true
    if (value instanceof Map) return [...value.values()].every(sound)
    return !Object.hasOwn(value, 'constructor') && Object.values(value).every(sound)
  }
  fc.assert(fc.property(tree, (data) => assert.ok(sound(plainData(data)))))
})
