import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runFuzz } from '../../bench/fuzz/run.ts'
import { verdictOf } from '../../bench/fuzz/verdict.ts'

test('hostile requests, as many as fit into 10 s up to 20,000: each is answered as it should be, and the service stays well', async () => {
  const result = await runFuzz({ seed: 1, requests: 20_000, withinMs: 10_000, least: 1_500 })
  assert.deepEqual(verdictOf(result), [])
  assert.ok(result.requests > 1_000, String(result.requests))
  assert.ok(result.taken.accepted > 100, String(result.taken.accepted))
})
