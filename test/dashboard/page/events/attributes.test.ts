import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pageModule } from '../page-module.ts'

const { attributesLabel } = await pageModule('events/attributes.js')

test('attributes are labelled by whether they were set', () => {
  assert.equal(attributesLabel({ state: 'applied', reason: null }), 'Set')
  assert.equal(attributesLabel({ state: 'pending', reason: null }), 'Would set')
  assert.equal(attributesLabel({ state: 'dead', reason: null }), 'Not set')
  assert.equal(attributesLabel({ state: 'unchanged', reason: 'known_values' }), 'Already had these values')
  assert.equal(attributesLabel({ state: 'unchanged', reason: 'later_event' }), 'Not set')
  assert.equal(attributesLabel({ state: 'unchanged', reason: 'dry_run' }), 'Would set')
})
