import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pageModule } from '../page-module.ts'

const { liveBefore, turnOfReplayed, waitsIn } = await pageModule('parts/waiting.js')

const inbox = { pending: 0, replayed: 0, oldestLiveMs: null, oldestReplayedMs: null }

test('the oldest live event is shown, and replayed events apart', () => {
  assert.equal(waitsIn(inbox), 'Oldest: none')
  const live = { ...inbox, pending: 12, oldestLiveMs: 125_000 }
  assert.equal(waitsIn(live), 'Oldest: 2 min')
  const both = { ...live, pending: 16, replayed: 4, oldestReplayedMs: 480_000 }
  assert.equal(waitsIn(both), 'Oldest live event: 2 min; and 4 replayed, the oldest for 8 min')
  const replayed = { ...both, pending: 4, oldestLiveMs: null }
  assert.equal(waitsIn(replayed), 'Oldest live event: none; and 4 replayed, the oldest for 8 min')
})

test('a replayed event has the number of live events that wait before it', () => {
  assert.equal(
    liveBefore({ ...inbox, pending: 616, replayed: 4 }, 'it'),
    '612 live events wait before it now.',
  )
  assert.equal(
    liveBefore({ ...inbox, pending: 5, replayed: 4 }, 'them'),
    '1 live event waits before them now.',
  )
  assert.equal(liveBefore({ ...inbox, pending: 4, replayed: 4 }, 'it'), 'No live event waits before it now.')
})

test('a replayed event rarely gets a turn while live events use up the rate budget', () => {
  const live = { ...inbox, pending: 616, replayed: 4 }
  const waits = { inbox: live, delivery: { waitsFor: 'rate_budget' } }
  assert.match(
    turnOfReplayed(waits, 'them'),
    /612 live events wait before them now\. Now live events use up each rate window, so they get a turn rarely\.$/,
  )
  const runs = { inbox: live, delivery: { waitsFor: null } }
  assert.match(
    turnOfReplayed(runs, 'it'),
    /While live events use up each rate window, it gets a turn rarely\.$/,
  )
  const alone = { inbox: { ...inbox, pending: 4, replayed: 4 }, delivery: { waitsFor: 'rate_budget' } }
  assert.match(turnOfReplayed(alone, 'it'), /No live event waits before it now\.$/)
})
