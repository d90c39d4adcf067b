import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { stripVTControlCharacters as textOf } from 'node:util'
import { createProgress } from '../../src/cli/progress.ts'

const setUp = (t: TestContext, isTTY: boolean) => {
  const output = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY })
  const clock = { now: 0 }
  const progress = createProgress({ what: 'events compared', output, now: () => clock.now })
  t.after(progress.clear)
  return { clock, progress, written: (): string => output.read() ?? '' }
}

const clearLine = '\u001b[2K'

test('a terminal shows a bar with counts and the time left, and removes it at the end', (t) => {
  const { clock, progress, written } = setUp(t, true)
  clock.now = 2_000
  progress.update(1_000, 4_000)
  assert.equal(
    textOf(written()),
    `${'█'.repeat(5)}${'░'.repeat(15)} 25%  1,000 of 4,000 events compared, about 6 s left`,
  )
  progress.clear()
  assert.ok(written().endsWith(clearLine))
})

test('a terminal shows only the count if the total is not known', (t) => {
  const { clock, progress, written } = setUp(t, true)
  clock.now = 2_000
  progress.update(1_000, undefined)
  assert.equal(textOf(written()), '1,000 events compared')
  progress.clear()
})

test('a terminal shows nothing during the first half second', (t) => {
  const { clock, progress, written } = setUp(t, true)
  clock.now = 499
  progress.update(1, 2)
  progress.clear()
  assert.equal(written(), '')
})

test('after other output, the next update shows the bar again', (t) => {
  const { clock, progress, written } = setUp(t, true)
  clock.now = 600
  progress.update(1, 3)
  progress.clear()
  written()
  progress.update(2, 3)
  assert.match(textOf(written()), /66% {2}2 of 3 events compared, about 0 s left$/)
  progress.clear()
})

test('elsewhere, a line every 10 s says how long the work has taken', (t) => {
  const { clock, progress, written } = setUp(t, false)
  for (const seconds of [1, 9, 10, 15, 21]) {
    clock.now = seconds * 1_000
    progress.update(seconds, 30)
  }
  progress.clear()
  assert.equal(written(), '10 of 30 events compared, after 10 s\n21 of 30 events compared, after 21 s\n')
})
