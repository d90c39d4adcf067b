import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSharedFetch } from '../../../src/ingest/authenticate/shared-fetch.ts'

test('concurrent callers share a fetch; a failure is returned for 10 seconds, a success is not kept', async () => {
  const clock = { ms: 0 }
  const results = ['failed', 'found', 'found again']
  let fetches = 0
  const fetch = createSharedFetch({
    fetchNew: async () => results[fetches++],
    isFailure: (result) => result === 'failed',
    monotonic: () => clock.ms,
  })
  assert.deepEqual(await Promise.all([fetch(), fetch()]), ['failed', 'failed'])
  clock.ms += 9_999
  assert.equal(await fetch(), 'failed')
  assert.equal(fetches, 1)
  clock.ms += 1
  assert.equal(await fetch(), 'found')
  assert.equal(await fetch(), 'found again')
})
