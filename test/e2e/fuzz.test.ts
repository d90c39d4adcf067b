import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failedChecks } from '../../bench/fuzz/failed-checks.ts'
import { runFuzz } from '../../bench/fuzz/run.ts'

test('20,000 hostile requests: every response is as expected, and the service stays healthy', async () => {
  const result = await runFuzz({ seed: 1, requests: 20_000, withinMs: 600_000 })
  assert.deepEqual(failedChecks(result), [])
  assert.ok(result.requests >= 20_000, String(result.requests))
  assert.ok(result.eventCounts.accepted > 1_000, String(result.eventCounts.accepted))
})
