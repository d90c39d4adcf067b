import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contextOf } from '../../src/cel/context.ts'
import { missingField } from '../../src/cel/missing-field.ts'
import { conversationEvent } from '../helpers/events.ts'

const context = contextOf(
  conversationEvent({
    direction: 'inbound',
    participant: { purpose: 'customer', attributes: { 'crm tier': 'gold' } },
    body: { deep: { list: [1] } },
  }),
)

for (const [source, expected] of [
  ['event.topic == "acw"', 'event.topic'],
  ['event.direction == "inbound" && event.topic == "acw"', 'event.topic'],
  ['participant.attributes.tier == "gold"', 'participant.attributes.tier'],
  ['participant.attributes["crm level"] == "gold"', 'participant.attributes["crm level"]'],
  ['participant.attributes["crm tier"] == "gold"', undefined],
  ['event.body.deep.other > 1', 'event.body.deep.other'],
  ['event.body.none.other > 1', 'event.body.none'],
  ['event.queueId.startsWith("a")', 'event.queueId'],
  ['event.direction.startsWith("event.topic")', undefined],
  ['has(event.topic) || event.queueId == "q"', 'event.queueId'],
  ['event.body.deep.list[3] == 1', undefined],
  ['event.body[event.direction] == 1', undefined],
  ['lookup("tiers", participant.address).tier == "a"', 'participant.address'],
] as const) {
  test(`the missing field of ${source} is ${expected}`, () => {
    assert.equal(missingField(source, context), expected)
  })
}
