import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readEnvelope } from '../../src/ingest/envelopes/envelopes.ts'
import { identify } from '../../src/ingest/identity.ts'
import { compileRulesText } from '../../src/rules/load-rules.ts'
import { attributesIn } from '../helpers/rules.ts'
import { fencesOf, readPage } from './markdown.ts'

test('the mapping of docs/relays.md reads the item below it', async () => {
  const fences = fencesOf(await readPage('docs/relays.md'))
  const [rulesFile, item] = ['yaml mapping', 'json item'].map((name) =>
    fences.find(({ info }) => info === name),
  )
  const loaded = compileRulesText(rulesFile?.text ?? '', 'docs/relays.md')
  assert.ok(loaded.kind === 'ok', loaded.kind === 'invalid' ? loaded.problems.join('\n') : '')
  const { rules } = loaded
  const result = readEnvelope(JSON.parse(item?.text ?? ''), rules.mapItem)
  assert.ok(result.kind === 'events', JSON.stringify(result))
  const [event] = result.drafts.map((draft) => identify(draft, { index: 0 }))
  assert.ok(event !== undefined)
  assert.equal(event.participant.purpose, 'customer')
  assert.deepEqual(attributesIn(rules.evaluate(event)), { caller: 'tel:+13175550100' })
})
