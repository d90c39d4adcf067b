import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { maxDataDepth, readableData } from '../../src/cel/readable-data.ts'

test('data without a constructor key is returned unchanged', () => {
  const data = JSON.parse('{"a":[1,"x",null,{"b":true}],"__proto__":{"c":1},"toString":2}')
  const before = structuredClone(data)
  assert.equal(readableData(data), data)
  assert.deepEqual(data, before)
  for (const value of [undefined, null, 1, 'x', true]) assert.equal(readableData(value), value)
})

test('a constructor key turns all objects of a copy into Maps and leaves the original unchanged', () => {
  const data = JSON.parse('{"a":[{"constructor":null,"b":1}],"c":[2]}')
  const before = structuredClone(data)
  assert.deepEqual(
    readableData(data),
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
    const deep = readableData(JSON.parse(`${open.repeat(50_000)}1${close.repeat(50_000)}`))
    let depth = 0
    for (let value: unknown = deep; typeof value === 'object' && value !== null; depth += 1)
      value = value instanceof Map ? value.get('a') : Array.isArray(value) ? value[0] : undefined
    assert.ok(depth > 50 && depth < 200, String(depth))
  }
})

test('below the deepest level, keys are undefined and elements are null', () => {
  const nested = (levels: number, innermost: unknown): unknown => {
    let data = innermost
    for (let level = 0; level < levels; level += 1) data = [data]
    return data
  }
  const innermost = (data: unknown): unknown => (Array.isArray(data) ? innermost(data[0]) : data)
  assert.deepEqual(innermost(readableData(nested(maxDataDepth - 1, [{ a: 1 }]))), null)
  assert.deepEqual(
    innermost(readableData(nested(maxDataDepth - 1, { a: {}, b: 1 }))),
    new Map<string, unknown>([
      ['a', undefined],
      ['b', 1],
    ]),
  )
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
  fc.assert(fc.property(tree, (data) => assert.ok(sound(readableData(data)))))
})
