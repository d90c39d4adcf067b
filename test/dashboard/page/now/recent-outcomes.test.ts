import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pageModule } from '../page-module.ts'

const { recentOutcomes } = await pageModule('now/recent-outcomes.js')

test('events that failed and were replayed or dropped since do not count any more', () => {
  const sample = { dead: 6, applied: 3, unchanged: 1 }
  const after = (dead: number) =>
    recentOutcomes(
      { at: '2026-02-03T12:00:00Z', status: { inbox: { dead }, totals: {} } },
      [sample],
      undefined,
    )
  assert.deepEqual(after(6), { failed: 6, dead: 6, delivered: 4, mostlyDead: true })
  assert.deepEqual(after(60), { failed: 6, dead: 6, delivered: 4, mostlyDead: true })
  assert.deepEqual(after(1), { failed: 6, dead: 1, delivered: 4, mostlyDead: true })
  assert.deepEqual(after(0), { failed: 6, dead: 0, delivered: 4, mostlyDead: false })
})
