import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FailureInput, failureOf } from '../../src/notifications/status.ts'

const up = {
  connected: true,
  retiring: 0,
  reconnects: 0,
  renewals: 0,
  gapMs: 0,
  refusals: [],
  failure: undefined,
}
const down = (why: 'socket' | 'forbidden' | 'credentials_refused', cause: string) => ({
  ...up,
  connected: false,
  failure: { why, cause },
})

const failure = (circumstances: Partial<FailureInput>) =>
  failureOf({
    subscriptions: [up],
    channels: 1,
    lookupFailure: undefined,
    overflow: undefined,
    problems: [],
    ...circumstances,
  })

test('there is no failure if everything is subscribed', () => {
  assert.equal(failure({}), undefined)
})

test('before the first connection the failure is `notifications_down`', () => {
  assert.deepEqual(failure({ subscriptions: [] }), { code: 'notifications_down', cause: 'connecting' })
})

test('the failure is the problem to fix first', () => {
  const problems = [{ code: 'queue_not_found', subject: 'Sales', detail: 'no such' }] as const
  assert.deepEqual(failure({ problems }), { code: 'queue_not_found', cause: 'Sales' })
  const subscriptions = [up, down('socket', 'closed (1006)'), down('credentials_refused', 'invalid_client')]
  assert.equal(failure({ subscriptions, channels: 3, problems })?.code, 'credentials_refused')
  const lookupFailure = { kind: 'failed', why: 'unavailable', cause: 'ECONNREFUSED' } as const
  assert.deepEqual(failure({ subscriptions: [], lookupFailure }), {
    code: 'notifications_down',
    cause: 'unavailable',
  })
  assert.equal(failure({ subscriptions, overflow: 'inbox_full' })?.code, 'inbox_full')
})

test("the failure never contains Genesys Cloud's text, because the health routes are public", () => {
  assert.deepEqual(failure({ subscriptions: [down('forbidden', '403 you may not …')] }), {
    code: 'notifications_down',
    cause: 'forbidden',
  })
  assert.deepEqual(failure({ subscriptions: [down('socket', 'closed (1006)')] }), {
    code: 'notifications_down',
    cause: 'closed (1006)',
  })
})
