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
  const accepted = { what: 'accepted', at: acceptedAt }
  const replayed = { what: 'replayed', at: replayedAt }
  const failed = { what: 'attempt_failed', at: '2026-02-03T10:06:00.000Z', code: 'forbidden' }
  assert.equal(failedBeforeReplay({ timeline: [accepted, { ...replayed, code: 'forbidden' }] }), true)
  assert.equal(failedBeforeReplay({ timeline: [accepted, replayed, failed] }), false)
  assert.equal(failedBeforeReplay({ timeline: [accepted, failed] }), false)
})
