import assert from 'node:assert/strict'
import { test } from 'node:test'
import { effectiveTime } from '../src/event.ts'
import { conversationEvent } from './helpers/events.ts'

const acceptedAt = 1_770_000_000_000
const leadMs = 5 * 60_000

for (const [what, occurredAt, expected] of [
  ['the time of the event, if it is past', acceptedAt - 86_400_000, acceptedAt - 86_400_000],
  ['the time of acceptance, if the event has none', undefined, acceptedAt],
  ['the time of the event up to 5 minutes ahead', acceptedAt + leadMs, acceptedAt + leadMs],
  ['the time of acceptance for a clock further ahead', acceptedAt + leadMs + 1, acceptedAt],
  ['the epoch itself, which is a time', 0, 0],
] as const) {
  test(`the effective time is ${what}`, () => {
    const event = conversationEvent(occurredAt === undefined ? {} : { occurredAt })
    assert.equal(effectiveTime(event, acceptedAt), expected)
  })
}
