import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerHandshake } from '../../src/ingest/handshake.ts'

test('an origin is allowed by name and at any rate', () => {
  const headers = {
    'webhook-request-origin': 'eventgrid.azure.net',
    'webhook-request-rate': '120',
    'webhook-request-callback': 'https://rp-eastus.eventgrid.azure.net/confirm?id=1',
  }
  assert.deepEqual(answerHandshake(headers), {
    status: 200,
    headers: {
      allow: 'POST',
      'webhook-allowed-origin': 'eventgrid.azure.net',
      'webhook-allowed-rate': '*',
    },
  })
})

test('without an origin, the answer has Allow but no permission', () => {
  for (const origin of [undefined, '', 'a b', 'x'.repeat(254), 'caf\u00e9'])
    assert.deepEqual(answerHandshake({ 'webhook-request-origin': origin }), {
      status: 204,
      headers: { allow: 'POST' },
    })
})
