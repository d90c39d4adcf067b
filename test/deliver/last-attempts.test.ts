import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeliveryReport } from '../../src/deliver/attempt.ts'
import { createLastAttempts } from '../../src/deliver/last-attempts.ts'
import type { EventHistory } from '../../src/inbox/inbox.ts'
import { conversationEvent } from '../helpers/events.ts'

const pending: EventHistory = {
  sequence: 1,
  acceptedAt: 1,
  event: conversationEvent({ identity: 'e1' }),
  state: 'pending',
  settledAt: undefined,
  replayedAt: undefined,
  attempts: 1,
  code: 'forbidden',
  detail: undefined,
  reason: undefined,
  failedAt: undefined,
  dueAt: undefined,
  rules: [],
  attributeNames: [],
  targetId: undefined,
  mergedWith: [],
  api: undefined,
}

const key = { conversationId: 'c', participantId: 'p' }
const { sequence, acceptedAt, event } = pending
const failed: DeliveryReport = {
  claim: {
    key,
    lease: 'lease',
    events: [{ sequence, acceptedAt, event }],
    known: new Map(),
    failure: undefined,
  },
  decisions: [
    {
      matched: ['vip'],
      changes: [{ participantId: 'p', attributes: { tier: 'gold' } }],
      undecided: [],
      needs: [],
      blocked: [],
    },
  ],
  target: { ...key, participantId: 'agent' },
  sent: { tier: 'gold' },
  answer: { kind: 'unavailable', detail: '503 busy', cause: '503', api: { status: 503 } },
  outcomes: [],
  retry: { dueAt: 2, failure: { code: 'unavailable', attempts: 1 } },
}

test('a pending event has what its last failed attempt decided and got', () => {
  const attempts = createLastAttempts()
  assert.equal(attempts.complete(pending), pending)
  attempts.note(failed)
  const { rules, attributeNames, targetId, detail, api } = attempts.complete(pending)
  assert.deepEqual(
    [rules, attributeNames, targetId, detail, api],
    [['vip'], ['tier'], 'agent', '503 busy', { status: 503 }],
  )
})

test('the detail of an attempt without a call names the rules that wait', () => {
  const attempts = createLastAttempts()
  const blocked = [{ rule: 'queue', code: 'lookup_failed' as const }]
  attempts.note({
    ...failed,
    answer: undefined,
    decisions: failed.decisions.map((decision) => ({ ...decision, blocked })),
  })
  assert.equal(attempts.complete(pending).detail, 'rules: queue')
})

test('an attempt is forgotten when the event has its outcome, so a replay starts without it', () => {
  const attempts = createLastAttempts()
  attempts.note(failed)
  attempts.note({
    ...failed,
    retry: undefined,
    outcomes: [{ sequence: 1, state: 'dead', code: 'forbidden' }],
  })
  assert.equal(attempts.complete(pending), pending)
})

test('the history of a settled event stays as it is', () => {
  const attempts = createLastAttempts()
  attempts.note(failed)
  const settled: EventHistory = { ...pending, state: 'applied' }
  assert.equal(attempts.complete(settled), settled)
})
