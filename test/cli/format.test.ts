import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatDuration, formatFields } from '../../src/cli/format.ts'
import { formatRows } from '../../src/cli/format-rows.ts'
import { since } from '../../src/cli/option-values.ts'

test('a duration has its two largest units, rounded down', () => {
  for (const [ms, text] of [
    [-5, '0 s'],
    [999, '0 s'],
    [42_900, '42 s'],
    [120_000, '2 min'],
    [125_000, '2 min 5 s'],
    [3_660_000, '1 h 1 min'],
    [3_601_000, '1 h'],
    [273_600_000, '3 d 4 h'],
  ] as const)
    assert.equal(formatDuration(ms), text)
})

test('fields are aligned, and further lines of a value stay below the first', () => {
  assert.equal(
    formatFields([
      ['State', ['open', 'Wait.']],
      ['Dead', ['0']],
    ]),
    'State  open\n       Wait.\nDead   0\n',
  )
})

test('a table cuts long cells, but never the last column', () => {
  const table = formatRows(['NAME', 'ID'], [['n'.repeat(50), 'i'.repeat(50)]], false)
  assert.equal(table.split('\n')[2], `${'n'.repeat(39)}…  ${'i'.repeat(50)}`)
})

test('since reads durations before now and ISO 8601 times', () => {
  const now = Date.parse('2026-01-31T09:30:00Z')
  for (const [text, time] of [
    ['45s', '2026-01-31T09:29:15Z'],
    ['30m', '2026-01-31T09:00:00Z'],
    ['1h', '2026-01-31T08:30:00Z'],
    ['2d', '2026-01-29T09:30:00Z'],
    ['2026-01-30', '2026-01-30T00:00:00Z'],
    ['2026-01-30T10:00:00+01:00', '2026-01-30T09:00:00Z'],
  ] as const)
    assert.equal(since(text, now), Date.parse(time))
  for (const text of ['1', '1w', '-1h', 'h', 'yesterday'])
    assert.throws(() => since(text, now), /30m, 1h or 2d/)
})
