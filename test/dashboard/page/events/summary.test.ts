import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pageModule } from '../page-module.ts'

const { summaryOf } = await pageModule('events/summary.js')

const events = (count: number, state: string, attributeNames: string[] = []) =>
  Array.from({ length: count }, () => ({ state, attributeNames }))

test('the events of a conversation are counted by state, with the attributes that were set', () => {
  const items = [
    ...events(29, 'pending', ['not_yet']),
    ...events(220, 'unchanged'),
    ...events(1, 'applied', ['vip_status', 'channel']),
  ]
  assert.equal(
    summaryOf(items, false),
    '250 events: 1 applied, 220 unchanged, 29 pending; attributes set: channel, vip_status.',
  )
  assert.equal(summaryOf(items.slice(0, 1), false), '1 event: 1 pending; no attribute set.')
  const unchanged = [
    { state: 'unchanged', attributeNames: [], reason: 'no_rule_matched' },
    { state: 'unchanged', attributeNames: [], reason: 'known_values' },
    { state: 'unchanged', attributeNames: [], reason: 'no_rule_matched' },
  ]
  assert.equal(
    summaryOf(unchanged, false),
    '3 events: 3 unchanged (no rule matched: 2, values already set: 1); no attribute set.',
  )
  assert.match(summaryOf(items, true), /^The newest 250 events: /)
})
