import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRareLog } from '../../src/log/rare-log.ts'

test('a kind is written at once, then once a minute with the number of lines that were left out', () => {
  const clock = { ms: 0 }
  const rarely = createRareLog({ monotonic: () => clock.ms })
  const written: string[] = []
  const write = (kind: string) => rarely(kind, (count) => written.push(`${kind} ${count}`))
  for (const kind of ['a', 'b', 'a', 'a']) write(kind)
  assert.deepEqual(written, ['a 1', 'b 1'])
  clock.ms = 59_999
  write('a')
  assert.equal(written.length, 2)
  clock.ms = 60_000
  for (const kind of ['a', 'b', 'a']) write(kind)
  assert.deepEqual(written.slice(2), ['a 4', 'b 1'])
})

test('the kinds that are tracked are limited', () => {
  const rarely = createRareLog({ monotonic: () => 0 })
  const written: number[] = []
  for (let kind = 0; kind < 1_001; kind += 1) rarely(String(kind), (count) => written.push(count))
  rarely('0', (count) => written.push(count))
  assert.equal(written.length, 1_002, 'the oldest kind was forgotten, so that it is written again')
})
