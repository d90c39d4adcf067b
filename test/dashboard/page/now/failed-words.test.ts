import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pageModule } from '../page-module.ts'

const { failedWords } = await pageModule('now/failed-words.js')

test('replayed events that still wait are named beside the dead letters', () => {
  assert.equal(failedWords({ dead: 0, replayed: 0 }), 'No dead letters.')
  assert.equal(failedWords({ dead: 0, replayed: 5 }), 'No dead letters; 5 replayed events wait for delivery.')
  assert.equal(failedWords({ dead: 1, replayed: 0 }), 'The service no longer tries this event.')
  assert.equal(
    failedWords({ dead: 2, replayed: 1 }),
    'The service no longer tries these events; 1 replayed event waits for delivery.',
  )
})
