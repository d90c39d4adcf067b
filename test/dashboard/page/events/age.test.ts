import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pageModule } from '../page-module.ts'

const { ageStart, failedBeforeReplay } = await pageModule('events/age.js')

const [acceptedAt, replayedAt] = ['2026-02-03T10:00:00.000Z', '2026-02-03T10:05:00.000Z']

test('the age of a replayed event counts from its replay', () => {
  assert.equal(ageStart({ acceptedAt, replayedAt: null }), acceptedAt)
  assert.equal(ageStart({ acceptedAt, replayedAt }), replayedAt)
})

test('the failure of a pending event is one before its replay until an attempt fails again', () => {
  const failed = (at: string) => [{ what: 'attempt_failed', at }]
  const event = { state: 'pending', replayedAt, timeline: [] }
  assert.equal(failedBeforeReplay(event), true)
  assert.equal(failedBeforeReplay({ ...event, timeline: failed(acceptedAt) }), true)
  assert.equal(failedBeforeReplay({ ...event, timeline: failed('2026-02-03T10:06:00.000Z') }), false)
  assert.equal(failedBeforeReplay({ ...event, state: 'dead' }), false)
  assert.equal(failedBeforeReplay({ ...event, replayedAt: null, timeline: failed(acceptedAt) }), false)
})
