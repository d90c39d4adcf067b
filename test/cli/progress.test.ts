import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createProgress } from '../../src/cli/progress.ts'

const setUp = (isTTY: boolean) => {
  const written: string[] = []
  const clock = { now: 0 }
  const output = { isTTY, write: (text: string) => written.push(text) }
  return { written, clock, progress: createProgress({ output, now: () => clock.now }) }
}

test('a terminal shows one line, replaced by the next and removed at the end', () => {
  const { written, progress } = setUp(true)
  progress.update('2 left')
  progress.update('1 left')
  progress.end()
  assert.deepEqual(written, ['\r\u001b[K2 left', '\r\u001b[K1 left', '\r\u001b[K'])
})

test('elsewhere, a line every 10 s says how long the work has taken', () => {
  const { written, clock, progress } = setUp(false)
  for (const seconds of [1, 9, 10, 15, 21]) {
    clock.now = seconds * 1_000
    progress.update(`${seconds} done`)
  }
  progress.end()
  assert.deepEqual(written, ['10 done, after 10 s\n', '21 done, after 21 s\n'])
})
