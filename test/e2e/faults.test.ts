import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runFaults } from '../../bench/support/fault-run.ts'
import { rounds } from '../helpers/rounds.ts'

test('kills at random times under load with all kinds of faults: no event is lost, no attribute is wrong', async () => {
  const { accepted, lost, wrong, dead, overlapping } = await runFaults({
    rounds: rounds(1),
    participants: 30,
    minAccepted: 200,
    longestPauseMs: 200, // more load would only take CPU
  })
  assert.ok(accepted > 50, String(accepted))
  assert.deepEqual({ lost, wrong, dead, overlapping }, { lost: 0, wrong: 0, dead: 0, overlapping: 0 })
})
