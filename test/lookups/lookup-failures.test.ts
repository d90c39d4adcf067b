import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failureCauses } from '../../src/lookups/lookup-call.ts'
import { createLookupFailures } from '../../src/lookups/lookup-failures.ts'
import { captureLog } from '../helpers/log.ts'

function setUp() {
  const { logger: log, entries } = captureLog()
  let now = 0
  const failures = createLookupFailures({ log, monotonic: () => now })
  return {
    ...failures,
    tick: (ms: number) => {
      now += ms
    },
    lines: () =>
      entries().map(({ level, code, table, cause, status, count, msg }) => [
        level,
        code,
        table,
        cause,
        status,
        count,
        msg,
      ]),
  }
}

test('one line per table, cause and minute, with the number of failures since the last line', () => {
  const { of, tick, lines } = setUp()
  const crm = of('crm')
  crm('status', 503)
  for (let more = 0; more < 4; more += 1) crm('status', 500)
  crm('timeout')
  of('tiers')('status', 401)
  tick(59_999)
  crm('status', 500)
  tick(1)
  crm('status', 502)
  const line = (table: string, cause: string, status: number | undefined, count: number) =>
    ['warn', 'lookup_failed', table, cause, status, count, 'lookup failed'] as const
  assert.deepEqual(lines(), [
    line('crm', 'status', 503, 1),
    line('crm', 'timeout', undefined, 1),
    line('tiers', 'status', 401, 1),
    line('crm', 'status', 502, 6),
  ])
})

test('the counts of a table start at 0 and survive a reload of the rules', () => {
  const { of, counts } = setUp()
  of('crm')
  assert.deepEqual(
    counts(),
    failureCauses.map((cause) => ({ table: 'crm', cause, count: 0 })),
  )
  of('crm')('network')
  of('crm')('network')
  assert.deepEqual(
    counts().filter(({ count }) => count > 0),
    [{ table: 'crm', cause: 'network', count: 2 }],
  )
})
