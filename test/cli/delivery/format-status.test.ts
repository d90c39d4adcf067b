import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatStatus } from '../../../src/cli/delivery/format-status.ts'
import { idleStatus } from '../../helpers/idle.ts'

type Status = Parameters<typeof formatStatus>[0]

const now = Date.parse('2026-02-03T10:00:00Z')
const { inbox, delivery } = idleStatus

function line(name: string, changes: Partial<Pick<Status, 'inbox' | 'delivery'>>): string | undefined {
  const text = formatStatus({ ...idleStatus, ...changes }, now)
  return new RegExp(`^${name} +(.*)$`, 'm').exec(text)?.[1]
}

test('replayed events and the age of the oldest one are shown apart', () => {
  assert.equal(line('Pending', {}), '0 events')
  const live = { ...inbox, pending: 16, oldestPendingMs: 120_000, oldestLiveMs: 120_000 }
  assert.equal(line('Pending', { inbox: live }), '16 events, the oldest for 2 min')
  const both = { ...live, replayed: 4, oldestPendingMs: 480_000, oldestReplayedMs: 480_000 }
  assert.equal(
    line('Pending', { inbox: both }),
    '12 events, the oldest for 2 min; and 4 replayed, the oldest for 8 min',
  )
})

test('a pause without a reason shows none', () => {
  const paused = {
    ...delivery,
    state: 'paused',
    pausedBy: 'operator',
    pausedSince: '2026-02-03T09:00:00.000Z',
  } as const
  assert.equal(line('Delivery', { delivery: paused }), 'paused by an operator since 2026-02-03T09:00:00Z')
})
