import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failedChecks } from '../../bench/fuzz/failed-checks.ts'
import { memoryOf, type Sample } from '../../bench/fuzz/memory.ts'
import { type FuzzResult, runFuzz } from '../../bench/fuzz/run.ts'
import { rounds } from '../helpers/rounds.ts'

/** All kinds of requests are among the first 8,000. Up to 20 of each are 714 requests; `npm run bench:fuzz` sends many more. */
const limits = { requests: rounds(8_000), perKind: rounds(20), withinMs: 600_000 }

test('hostile requests of every kind: every response is as expected, and the service stays healthy', async () => {
  const result = await runFuzz({ seed: 1, ...limits })
  assert.deepEqual(failedChecks(result), [])
  assert.ok(result.requests >= rounds(714), String(result.requests))
  assert.ok(result.eventCounts.accepted > 200, String(result.eventCounts.accepted))
  assert.ok(result.memory.stages.every(({ heapMb, externalMb }) => heapMb > 10 && externalMb > 1))
})

/** A run with a sample every 5,000 requests. Both parts of the memory rise by 30 MB in the first 50,000. */
function failedFor({
  requests,
  ...leak
}: {
  requests: number
  heapBytes?: number
  externalBytes?: number
  rssMb?: number
}) {
  const { heapBytes = 0, externalBytes = 0, rssMb = 0 } = leak
  const samples = Array.from({ length: requests / 5_000 }, (_, index): Sample => {
    const sent = (index + 1) * 5_000
    const warmUpMb = 30 * Math.min(1, sent / 50_000)
    const largeRequestMb = index % 7 === 3 ? 8 : 0
    return {
      sent,
      heapMb: 50 + warmUpMb + largeRequestMb + (sent * heapBytes) / 1e6,
      externalMb: 13 + warmUpMb + largeRequestMb + (sent * externalBytes) / 1e6,
      rssMb: 400 + (sent / requests) * rssMb,
    }
  })
  return failedChecks({ ...healthy, requests, memory: memoryOf(samples) })
}

const healthy: FuzzResult = {
  requests: 0,
  perSecond: 1_000,
  byStatus: new Map(),
  failures: [],
  crash: undefined,
  totalsOff: [],
  eventCounts: { accepted: 0, duplicates: 0, ignored: 0, rejected: 0 },
  badLines: [],
  slowest: { ms: 1, kind: 'event' },
  probeP99Ms: 1,
  memory: { stages: [], growth: { heapBytes: 0, externalBytes: 0 } },
  goodApplied: true,
  ended: 'ended with 0',
}

for (const requests of [150_000, 1_000_000]) {
  test(`the memory check finds a leak in ${requests} requests, and no leak in the warm-up or in large requests`, () => {
    assert.deepEqual(failedFor({ requests }), [])
    assert.match(failedFor({ requests, heapBytes: 40 }).join(), /^the heap grows by \d+ bytes per request/)
    assert.match(
      failedFor({ requests, externalBytes: 40 }).join(),
      /^external memory grows by \d+ bytes per request/,
    )
    assert.match(failedFor({ requests, rssMb: 200 }).join(), /^RSS grows by \d+ MB/)
  })
}

test('a run without samples of the memory fails', () => {
  const failed = failedChecks({ ...healthy, requests: 200_000, memory: memoryOf([]) })
  assert.equal(failed.length, 3)
})
