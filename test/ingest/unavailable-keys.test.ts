import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createUnavailableKeys } from '../../src/ingest/unavailable-keys.ts'
import { createRareLog } from '../../src/log/rare-log.ts'
import { captureLog } from '../helpers/log.ts'

test('every request is counted; one per scheme and minute is logged', () => {
  const log = captureLog()
  let now = 5
  const { report, counts } = createUnavailableKeys(log.logger, createRareLog({ monotonic: () => now }))
  for (let request = 0; request < 3; request += 1) report('jwt', 'ECONNREFUSED')
  report('sns', 'status 403')
  now += 59_999
  report('jwt', 'too early')
  now += 1
  report('jwt', 'no answer within 2000 ms')
  assert.deepEqual(counts(), { jwt: 5, sns: 1 })
  assert.deepEqual(
    log.entries().map(({ code, scheme, cause, count }) => [code, scheme, cause, count]),
    [
      ['keys_unavailable', 'jwt', 'ECONNREFUSED', 1],
      ['keys_unavailable', 'sns', 'status 403', 1],
      ['keys_unavailable', 'jwt', 'no answer within 2000 ms', 4],
    ],
  )
})
