import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGrowingCache } from '../../src/values/growing-cache.ts'

test('a full cache drops the entry that was used least recently', () => {
  const cache = createGrowingCache<string, number>(2)
  cache.set('a', 1).set('b', 2)
  cache.get('a')
  cache.set('c', 3)
  assert.deepEqual([cache.get('a'), cache.get('b'), cache.get('c')], [1, undefined, 3])
})

test('an entry that replaces another one of the same key takes no place of its own', () => {
  const cache = createGrowingCache<string, number>(2)
  cache.set('a', 1).set('b', 2).set('b', 3)
  assert.deepEqual([...cache.keys()].sort(), ['a', 'b'])
})
