import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readEnvelope } from '../../../src/ingest/envelopes/envelopes.ts'
import { identify } from '../../../src/ingest/identity.ts'
import { cloudEvent } from '../../helpers/events.ts'
import { fixture } from '../../helpers/fixtures.ts'

const notification = fixture('notification-queue-conversation') as {
  eventBody: { participants: readonly object[] }
}

function draftsOf(item: unknown) {
  const result = readEnvelope(item)
  assert.ok(result.kind === 'events', JSON.stringify(result))
  return result.drafts
}

for (const [name, item] of [
  ['a notification', notification],
  ['an EventBridge event', { id: 'x', 'detail-type': 'v2.users.{id}.conversations', detail: notification }],
  ['a CloudEvent', cloudEvent(notification)],
] as const) {
  test(`participants of ${name} are kept as sent, for comparison`, () => {
    assert.deepEqual(
      draftsOf(item).map(({ participantAsSent }) => participantAsSent),
      notification.eventBody.participants,
    )
  })
}

test('the participant as sent is not part of the event', () => {
  for (const draft of draftsOf(notification)) {
    assert.ok('participantAsSent' in draft)
    assert.ok(!('participantAsSent' in identify(draft, { index: 0 })))
  }
})

test('an event that is not from a snapshot has no participant as sent', () => {
  for (const name of ['notification-customer-start-voice', 'eventbridge-attributes'])
    assert.ok(draftsOf(fixture(name)).every((draft) => !('participantAsSent' in draft)))
})
