import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newEvent } from '../helpers/conversation-events.ts'
import { rulesOf } from '../helpers/rules.ts'
import { setting, setUp } from './harness.ts'

type Delivery = Awaited<ReturnType<typeof setUp>>

const reasonOf = async ({ inbox }: Delivery, identity: string) =>
  (await inbox.event(identity))?.history.reason

test('an event whose values the participant has is unchanged because of known values', async (t) => {
  const delivery = await setUp(t)
  delivery.dispatcher.start()
  await delivery.accept(setting('e1', { tier: 'gold' }))
  await delivery.settled(1)
  await delivery.accept(setting('e2', { tier: 'gold' }))
  assert.deepEqual(await delivery.settled(2), { e1: 'applied', e2: 'unchanged' })
  assert.equal(await reasonOf(delivery, 'e1'), undefined)
  assert.equal(await reasonOf(delivery, 'e2'), 'known_values')
})

test('an event that a later event overrules is unchanged because of the later event', async (t) => {
  const delivery = await setUp(t)
  const occurredAt = delivery.now() - 10_000
  delivery.dispatcher.start()
  await delivery.accept(setting('e1', { tier: 'gold' }, { occurredAt }))
  await delivery.settled(1)
  await delivery.accept(setting('e2', { tier: 'silver' }, { occurredAt: occurredAt - 1 }))
  assert.deepEqual(await delivery.settled(2), { e1: 'applied', e2: 'unchanged' })
  assert.equal(await reasonOf(delivery, 'e2'), 'later_event')
})

test('the reasons are the same if the values are those of another participant', async (t) => {
  const rules = rulesOf(`
version: 1
rules:
  - name: on p2
    on: [conversation:updated]
    target: candidate.id == "p2"
    set: { direction: '\${event.direction}' }
`)
  const delivery = await setUp(t, { rules })
  const occurredAt = delivery.now() - 10_000
  delivery.dispatcher.start()
  await delivery.accept(newEvent('e1', { occurredAt, direction: 'inbound' }))
  await delivery.settled(1)
  await delivery.accept(newEvent('e2', { occurredAt: occurredAt - 1, direction: 'inbound' }))
  await delivery.accept(newEvent('e3', { occurredAt: occurredAt - 1, direction: 'outbound' }))
  await delivery.settled(3)
  assert.equal(await reasonOf(delivery, 'e2'), 'known_values')
  assert.equal(await reasonOf(delivery, 'e3'), 'later_event')
})

test('an event without a match is unchanged because no rule matched, or because one was undecided', async (t) => {
  const rules = rulesOf(`
version: 1
rules:
  - { name: voice, on: [conversation:updated], when: event.mediaType == "voice", set: { tier: gold } }
`)
  const delivery = await setUp(t, { rules })
  delivery.dispatcher.start()
  await delivery.accept(newEvent('e1', { mediaType: 'chat' }), newEvent('e2'))
  await delivery.settled(2)
  assert.equal(await reasonOf(delivery, 'e1'), 'no_rule_matched')
  assert.equal(await reasonOf(delivery, 'e2'), 'rule_undecided')
})

test('an event of a dry run is unchanged because of the dry run', async (t) => {
  const delivery = await setUp(t, { dryRun: true })
  delivery.dispatcher.start()
  await delivery.accept(setting('e1', { tier: 'gold' }), newEvent('e2'))
  await delivery.settled(2)
  assert.equal(await reasonOf(delivery, 'e1'), 'dry_run')
  assert.equal(await reasonOf(delivery, 'e2'), 'no_rule_matched')
})
