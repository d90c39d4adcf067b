import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWriteCheck } from '../../../src/inbox/postgres/write-check.ts'

test('after a write failed for lack of disk space, the check fails for 5 s, although its small write succeeds', async () => {
  let at = 0
  const writes = createWriteCheck({ query: async () => [], client: 'demo', slot: 1, monotonic: () => at })
  const full = Object.assign(new Error('could not extend file'), { code: '53100' })
  await assert.rejects(writes.watch(Promise.reject(full)), full)
  await assert.rejects(writes.check(), full)
  await writes.watch(Promise.resolve())
  await assert.rejects(writes.check(), full)
  at = 5_000
  await writes.check()
})

test('after another failure, a write that succeeds shows that writes succeed', async () => {
  const writes = createWriteCheck({ query: async () => [], client: 'demo', slot: 1, monotonic: () => 0 })
  const lost = Object.assign(new Error('lost'), { code: 'ECONNRESET' })
  await assert.rejects(writes.watch(Promise.reject(lost)), lost)
  await writes.check()
})
