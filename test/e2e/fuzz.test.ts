import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failedChecks } from '../../bench/fuzz/failed-checks.ts'
import { runFuzz } from '../../bench/fuzz/run.ts'

/** `npm run bench:fuzz` sends many more. */
const requests = 5_000

test('5,000 hostile requests: every response is as expected, and the service stays healthy', async () => {
  const result = await runFuzz({ seed: 1, requests, withinMs: 600_000 })
  assert.deepEqual(failedChecks(result), [])
  assert.ok(result.requests >= requests, String(result.requests))
  assert.ok(result.eventCounts.accepted > 250, String(result.eventCounts.accepted))
})
