import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createConversations } from '../../src/deliver/conversations.ts'

const participants = [{ id: 'p1' }]

/** Conversations; reading one takes `takesMs`. */
function create(takesMs = 0) {
  let at = 10_000
  const conversations = createConversations({
    readParticipants: async () => {
      at += takesMs
      return { answer: { kind: 'ok' }, participants }
    },
    now: () => at,
  })
  return { conversations, now: () => at }
}

test('participants are cached for a second, for events accepted before the read', async () => {
  const { conversations, now } = create()
  await conversations.read('c1')
  assert.deepEqual(conversations.participantsSince('c1', now(), now() + 999), participants)
  assert.equal(conversations.participantsSince('c1', now(), now() + 1_000), undefined)
  assert.equal(conversations.participantsSince('c1', now() + 1, now() + 1), undefined)
  assert.equal(conversations.participantsSince('c2', now(), now()), undefined)
})

test('after the clock is set back, cached participants serve events with a future acceptance time', async () => {
  const { conversations, now } = create()
  await conversations.read('c1')
  assert.deepEqual(conversations.participantsSince('c1', now() + 60_000, now()), participants)
})

test('regression: a conversation that took over a second to read was outdated at once, and read endlessly', async () => {
  const { conversations, now } = create(1_500)
  const acceptedAt = now()
  await conversations.read('c1')
  assert.deepEqual(conversations.participantsSince('c1', acceptedAt, now()), participants)
})
