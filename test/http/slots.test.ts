import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSlots } from '../../src/http/slots.ts'

const { signal } = new AbortController()

test('tasks of a kind wait in order for a free slot; other kinds do not wait', async () => {
  const slots = createSlots(1)
  const started: string[] = []
  const take = async (kind: string, name: string) => {
    const free = await slots.take(kind, signal)
    started.push(name)
    return free
  }
  const free = await take('a', 'first')
  const second = take('a', 'second')
  const third = take('a', 'third')
  await take('b', 'other')
  assert.deepEqual(started, ['first', 'other'])
  free()
  const freeSecond = await second
  assert.deepEqual(started, ['first', 'other', 'second'])
  freeSecond()
  ;(await third)()
  ;(await take('a', 'fourth'))()
  assert.deepEqual(started.slice(3), ['third', 'fourth'])
})

test('a task that is aborted stops waiting and takes no slot', async () => {
  const slots = createSlots(1)
  const free = await slots.take('a', signal)
  const aborting = new AbortController()
  const aborted = slots.take('a', aborting.signal)
  const next = slots.take('a', signal)
  aborting.abort()
  ;(await aborted)()
  ;(await slots.take('a', AbortSignal.abort()))()
  free()
  ;(await next)()
})
