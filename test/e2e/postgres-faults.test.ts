import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import type { FaultResult } from '../../bench/support/postgres-faults/fault.ts'
import { faultGroups, startFaultServer } from '../../bench/support/postgres-faults/fault-table.ts'
import { skipWithoutPgBouncer } from '../helpers/pgbouncer.ts'
import { skipWithoutPostgres } from '../helpers/postgres.ts'

/** `npm run bench:faults -- --store postgres` runs all faults, for longer and many times. */
describe('faults of the PostgreSQL server under load', { skip: skipWithoutPostgres }, async () => {
  if (skipWithoutPostgres !== false) return
  const server = await startFaultServer({ after })
  for (const { name, needsPgBouncer, run } of faultGroups.filter(({ isLong }) => isLong !== true))
    test(`${name}: 503 while it cannot store, nothing answered 202 is lost, it comes back by itself`, {
      skip: needsPgBouncer === true && skipWithoutPgBouncer,
    }, async (t) => {
      const results: FaultResult[] = []
      const reason = await run(t, server, {
        load: { senders: 2, participants: 20, pauseMs: 120 },
        inProcess: name !== 'server',
        holdMs: 100,
        stopMs: 1_000,
        terminations: 3,
        onResult: (result) => results.push(result),
      })
      if (reason !== undefined) return t.skip(`not on this machine: ${reason}`)
      assert.ok(results.length > 0)
      for (const { fault, problems } of results) assert.deepEqual(problems, [], fault)
    })
})
