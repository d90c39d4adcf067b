import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { PeekResult } from '../../src/lookups/tables.ts'
import type { RuleSet } from '../../src/rules/evaluate.ts'
import { loadRules } from '../../src/rules/load-rules.ts'
import { newEvent } from '../helpers/conversation-events.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { until } from '../simulator/harness.ts'
import { setUp } from './harness.ts'

/** A table that answers when the test calls `answer`. */
function slowTable(onError: 'skip' | 'retry' = 'skip') {
  const known = new Map<string, PeekResult>()
  const asked = new Map<string, PromiseWithResolvers<void>>()
  return {
    asked,
    answer: (key: string, answer: PeekResult) => {
      known.set(key, answer)
      asked.get(key)?.resolve()
      asked.delete(key)
    },
    forget: (key: string) => known.delete(key),
    source: {
      columns: undefined,
      onError,
      peek: (key: string): PeekResult => known.get(key) ?? { kind: 'unknown' },
      fetch: (key: string) => {
        const waiting = asked.get(key) ?? Promise.withResolvers<void>()
        asked.set(key, waiting)
        return waiting.promise
      },
      close: () => {},
    },
  }
}

async function rulesWith(
  t: Parameters<typeof setUp>[0],
  source: ReturnType<typeof slowTable>['source'],
): Promise<RuleSet> {
  const file = join(await temporaryFolder(t), 'rules.yaml')
  await writeFile(
    file,
    `
version: 1
lookups: { crm: { url: 'https://crm.example/{key}' } }
rules:
  - name: tier
    on: [conversation:updated]
    when: event.attributes.key != "" && lookup("crm", event.attributes.key).tier != ""
    set: { tier: '\${lookup("crm", event.attributes.key).tier}' }
  - { name: plain, on: [conversation:created], set: { plain: yes } }
`,
  )
  const loaded = await loadRules(file)
  assert.ok(loaded.kind === 'ok', JSON.stringify(loaded))
  return loaded.withTables(new Map([['crm', source]]))
}

const asking = (identity: string, participantId = 'p1') =>
  newEvent(identity, { participantId, attributes: { key: `key-${participantId}` } })

test('events that wait for a lookup delay no others, even with a single slot', async (t) => {
  const table = slowTable()
  const delivery = await setUp(t, { maxInFlight: 1, rules: await rulesWith(t, table.source) })
  await delivery.accept(asking('e1', 'p1'), asking('e2', 'p2'))
  await delivery.accept(newEvent('e3', { type: 'conversation:created', participantId: 'p3' }))
  delivery.dispatcher.start()
  assert.deepEqual(await delivery.settled(1), { e3: 'applied' })
  assert.deepEqual([...table.asked.keys()], ['key-p1', 'key-p2'])
  table.answer('key-p2', { kind: 'row', row: { tier: 'gold' } })
  assert.deepEqual(await delivery.settled(2), { e2: 'applied', e3: 'applied' })
  table.answer('key-p1', { kind: 'none' })
  assert.deepEqual(await delivery.settled(3), { e1: 'unchanged', e2: 'applied', e3: 'applied' })
  assert.deepEqual(delivery.attributesOf('p2'), { tier: 'gold' })
})

test('a failed lookup counts as a missing row, unless its table is set to retry', async (t) => {
  const skipping = slowTable('skip')
  const skipped = await setUp(t, { rules: await rulesWith(t, skipping.source) })
  skipped.dispatcher.start()
  skipping.answer('key-p1', { kind: 'failed', cause: 'timeout' })
  await skipped.accept(asking('e1'))
  assert.deepEqual(await skipped.settled(1), { e1: 'unchanged' })

  const retrying = slowTable('retry')
  const retried = await setUp(t, { rules: await rulesWith(t, retrying.source) })
  retried.dispatcher.start()
  retrying.answer('key-p1', { kind: 'failed', cause: 'timeout' })
  await retried.accept(asking('e1'))
  await until(() => retried.reports.some(({ retry }) => retry?.failure.code === 'lookup_failed'))
  retrying.answer('key-p1', { kind: 'row', row: { tier: 'gold' } })
  retried.advance(1_000)
  assert.deepEqual(await retried.settled(1), { e1: 'applied' })
})

test('a lookup that fails until the event is too old gives a dead letter `expired`', async (t) => {
  const table = slowTable('retry')
  const delivery = await setUp(t, { eventMaxAgeMs: 10_000, rules: await rulesWith(t, table.source) })
  delivery.dispatcher.start()
  table.answer('key-p1', { kind: 'failed', cause: 'timeout' })
  await delivery.accept(asking('e1'))
  await until(() => delivery.reports.length > 0)
  delivery.advance(10_000)
  assert.deepEqual(await delivery.settled(1), { e1: 'expired' })
})

test('stop does not wait for lookups, and their events stay in the inbox', async (t) => {
  const table = slowTable()
  const delivery = await setUp(t, { rules: await rulesWith(t, table.source) })
  delivery.dispatcher.start()
  await delivery.accept(asking('e1'))
  await until(() => table.asked.size === 1)
  await delivery.dispatcher.stop(1_000)
  assert.equal((await delivery.inbox.stats()).pending, 1)
})
