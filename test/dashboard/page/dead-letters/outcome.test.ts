import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pageModule } from '../page-module.ts'

const { outcomeOf } = await pageModule('dead-letters/outcome.js')

test('replayed events are counted as delivered, failed and waiting', () => {
  assert.equal(
    outcomeOf({ changed: 4, waiting: 4, failed: [] }),
    '4 put back: 0 delivered, 0 failed, 4 wait.',
  )
  assert.equal(
    outcomeOf({ changed: 4, waiting: 1, failed: ['forbidden', 'forbidden'] }),
    '4 put back: 1 delivered, 2 failed (forbidden), 1 waits.',
  )
  assert.equal(outcomeOf({ changed: 1, waiting: 0, failed: [] }), '1 put back: 1 delivered, 0 failed.')
})
