import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newEvent } from '../helpers/conversation-events.ts'
import { rulesOf } from '../helpers/rules.ts'
import { setting, setUp } from './harness.ts'

test('a dry run evaluates and records every event, and makes no PATCH', async (t) => {
  const { dispatcher, accept, settled, patches, reports, attributesOf } = await setUp(t, { dryRun: true })
  dispatcher.start()
  await accept(setting('e1', { tier: 'gold' }), setting('e2', { tier: 'silver' }), newEvent('e3'))
  assert.deepEqual(await settled(3), { e1: 'unchanged', e2: 'unchanged', e3: 'unchanged' })
  assert.deepEqual(patches(), [])
  assert.deepEqual(attributesOf('p1')?.tier, undefined)
  const changes = reports.flatMap(({ decisions }) => decisions.flatMap(({ changes }) => changes))
  assert.deepEqual(
    changes.map(({ attributes }) => Object.keys(attributes)),
    [['tier'], ['tier']],
  )
})

test('a dry run stores no known value, so a later run sets it', async (t) => {
  const { dispatcher, accept, settled, inbox } = await setUp(t, { dryRun: true })
  dispatcher.start()
  await accept(setting('e1', { tier: 'gold' }))
  await settled(1)
  await dispatcher.stop(0)
  await accept(setting('e2', { tier: 'gold' }))
  const [claim] = await inbox.claim({ limit: 1, leaseMs: 60_000 })
  assert.deepEqual([...(claim?.known ?? [])], [])
})

test('a dry run sets nothing on other participants', async (t) => {
  const rules = rulesOf(`version: 1
rules:
  - name: on all customers
    on: [conversation:updated]
    target: candidate.id == "p2"
    set: { tier: gold }
`)
  const { dispatcher, accept, settled, patches } = await setUp(t, { dryRun: true, rules })
  dispatcher.start()
  await accept(newEvent('e1', { participantId: 'p1' }))
  assert.deepEqual(await settled(1), { e1: 'unchanged' })
  assert.deepEqual(patches(), [])
})
